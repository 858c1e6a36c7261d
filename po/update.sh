#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# po/update.sh: collects the texts of all files in POTFILES.in and brings every translation up to
# date with them. What is then missing is told; the tests want it filled in.
# po/update.sh --template FILE: only writes the collected texts there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

DOMAIN=rescue-usb-builder

# Without line numbers: translations would change with every line of code.
collect() {
    xgettext --files-from=po/POTFILES.in --from-code=UTF-8 --add-comments=Translators \
        --keyword=_ --keyword=N_ --keyword=N_PLURAL:1,2 --keyword=C_:1c,2 --keyword=NC_:1c,2 \
        --keyword=ngettext:1,2 --flag=g_strdup_printf:1:c-format \
        --flag=g_string_append_printf:2:c-format --flag=g_set_error:4:c-format \
        --add-location=file --package-name="$DOMAIN" \
        --output=- | sed '/^"POT-Creation-Date:/d' >"$1"
}

if [ "${1:-}" = --template ]; then
    collect "$2"
    exit
fi
collect "po/$DOMAIN.pot"
grep -v '^#' po/LINGUAS | while read -r language; do
    if [ -f "po/$language.po" ]; then
        msgmerge --quiet --update --backup=none --add-location=file "po/$language.po" \
            "po/$DOMAIN.pot"
        msgattrib --no-obsolete --output-file="po/$language.po" "po/$language.po"
    else
        msginit --no-translator --locale="$language" --input="po/$DOMAIN.pot" \
            --output-file="po/$language.po"
    fi
    printf '%s: ' "$language"
    msgfmt --check --statistics --output-file=/dev/null "po/$language.po"
    msgattrib --untranslated --no-obsolete "po/$language.po"
    msgattrib --only-fuzzy --no-obsolete "po/$language.po"
done
