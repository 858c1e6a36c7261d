/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines as distributions have them in their boot menus, and what those who read them understand
 * once they look for another label: read here again, by their rules. */
#include "menu-tools.h"

/* Who reads a line. */
typedef enum {
    GRUB,    /* words, quotes and backslashes as in a shell (GRUB manual, "Quoting") */
    LITERAL, /* Syslinux, systemd-boot, Limine: what is between blanks */
    REFIND,  /* what is between blanks or double quotes */
} Reader;

typedef struct {
    Reader reader;
    const char *from; /* the label of the image */
    const char *line;
    gboolean takes_spaces;
} Form;

/* Fedora, RHEL, CentOS: Anaconda and dracut. */
static const Form red_hat[] = {
    {GRUB, "Fedora-WS-Live-41-1-4", "search --no-floppy --set=root -l 'Fedora-WS-Live-41-1-4'",
     TRUE},
    {GRUB, "Fedora-WS-Live-41-1-4",
     "\tlinux /images/pxeboot/vmlinuz root=live:CDLABEL=Fedora-WS-Live-41-1-4 rd.live.image quiet "
     "rhgb",
     TRUE},
    {GRUB, "Fedora-E-dvd-x86_64-41",
     "\tlinuxefi /images/pxeboot/vmlinuz inst.stage2=hd:LABEL=Fedora-E-dvd-x86_64-41 rd.live.check "
     "quiet",
     TRUE},
    {LITERAL, "Fedora-E-dvd-x86_64-41",
     "  append initrd=initrd.img inst.stage2=hd:LABEL=Fedora-E-dvd-x86_64-41 quiet", TRUE},
    {GRUB, "CentOS 7 x86_64", "search --no-floppy --set=root -l 'CentOS 7 x86_64'", TRUE},
    {LITERAL, "CentOS 7 x86_64",
     "  append initrd=initrd.img inst.stage2=hd:LABEL=CentOS\\x207\\x20x86_64 rd.live.check quiet",
     TRUE},
    {GRUB, "RHEL-9-4-0-BaseOS-x86_64",
     "linux /k inst.stage2=hd:LABEL=RHEL-9-4-0-BaseOS-x86_64 "
     "inst.ks=hd:LABEL=RHEL-9-4-0-BaseOS-x86_64:/ks.cfg",
     TRUE},
    {GRUB, "Fedora WS", "linux ($root)/vmlinuz root=live:LABEL=Fedora\\\\x20WS rd.live.image",
     TRUE},
    {GRUB, "Fedora WS", "linux /vmlinuz \"root=live:LABEL=Fedora\\x20WS\" rd.live.image", TRUE},
};

/* Arch, SystemRescue, Manjaro, Artix. */
static const Form arch[] = {
    {LITERAL, "ARCH_202302", "options archisobasedir=arch archisolabel=ARCH_202302", TRUE},
    {LITERAL, "ARCH_202302", "APPEND archisobasedir=arch archisolabel=ARCH_202302", TRUE},
    {GRUB, "ARCH_202302",
     "linux /arch/boot/x86_64/vmlinuz-linux archisobasedir=arch archisolabel=ARCH_202302", TRUE},
    {GRUB, "RESCUE1103x",
     "\tlinux /sysresccd/boot/x86_64/vmlinuz archisobasedir=sysresccd archisolabel=RESCUE1103x "
     "iomem=relaxed",
     TRUE},
    {LITERAL, "RESCUE1103x",
     "APPEND archisobasedir=sysresccd archisolabel=RESCUE1103x iomem=relaxed", TRUE},
    {GRUB, "RESCUE1103x", "search --no-floppy --set=root --label RESCUE1103x", TRUE},
    {GRUB, "MANJARO_XFCE_2300",
     "linux /boot/vmlinuz-x86_64 misobasedir=manjaro misolabel=MANJARO_XFCE_2300 quiet", TRUE},
    {GRUB, "ARTIX_202301", "linux /boot/vmlinuz-x86_64 label=ARTIX_202301 overlay=livefs", TRUE},
    {GRUB, "ARCH_202302", "linux /k archisodevice=/dev/disk/by-label/ARCH_202302 quiet", TRUE},
    {LITERAL, "My Arch", "options archisolabel=My\\x20Arch", TRUE},
};

/* Debian live, GParted, Clonezilla, Ubuntu, Rescuezilla: most find themselves by a file. */
static const Form debian[] = {
    {GRUB, "d-live 12.7.0 gn amd64", "search --file --set=root /.disk/info", TRUE},
    {GRUB, "Clonezilla-live", "linux /live/vmlinuz boot=live union=overlay components quiet", TRUE},
    {GRUB, "GParted-live", "search --no-floppy --file --set=root /GParted-Live-Version", TRUE},
    {LITERAL, "Rescuezilla", "append file=/cdrom/preseed/custom.seed boot=casper quiet", TRUE},
    {GRUB, "Ubuntu 24.04 LTS amd64",
     "linux /casper/vmlinuz live-media=/dev/disk/by-label/Ubuntu\\\\x2024.04\\\\x20LTS\\\\x20amd64",
     TRUE},
    {GRUB, "d-live 12.7.0 gn amd64",
     "search --no-floppy --label \"d-live 12.7.0 gn amd64\" --set root", TRUE},
    {GRUB, "d-live 12.7.0 gn amd64",
     "search --set=root --label d-live\\ 12.7.0\\ gn\\ amd64 --no-floppy", TRUE},
};

/* openSUSE (KIWI), Mageia, NixOS, Void. */
static const Form others[] = {
    {GRUB, "openSUSE_Leap_15.6_KDE_Live",
     "$linux ($root)/boot/x86_64/loader/linux root=live:CDLABEL=openSUSE_Leap_15.6_KDE_Live "
     "rd.live.image splash",
     TRUE},
    {GRUB, "openSUSE-Leap-15.6-DVD",
     "linux /boot/x86_64/loader/linux install=hd:/?device=disk/by-label/openSUSE-Leap-15.6-DVD",
     TRUE},
    {GRUB, "Mageia-9-Live-Plasma",
     "linux /boot/vmlinuz root=mgalive:LABEL=Mageia-9-Live-Plasma quiet", TRUE},
    {LITERAL, "nixos-minimal-24.05",
     "APPEND init=/nix/init root=LABEL=nixos-minimal-24.05 loglevel=4", TRUE},
    {LITERAL, "VOID_LIVE",
     "APPEND initrd=/boot/initrd root=live:CDLABEL=VOID_LIVE ro init=/sbin/init", TRUE},
    {LITERAL, "VOID_LIVE", "    KERNEL /boot/vmlinuz root=live:CDLABEL=VOID_LIVE ro", TRUE},
    {LITERAL, "VOID_LIVE", "    cmdline: root=live:CDLABEL=VOID_LIVE ro", TRUE},
    {REFIND, "RESCUE_SYSTEM", "volume RESCUE_SYSTEM", TRUE},
    {REFIND, "Rescue System", "volume \"Rescue System\"", TRUE},
    {REFIND, "RESCUE_SYSTEM", "Volume\t\"RESCUE_SYSTEM\"", TRUE},
    {REFIND, "RESCUE_SYSTEM", "options \"root=live:CDLABEL=RESCUE_SYSTEM quiet\"", TRUE},
};

/* Layers: texts of GRUB that become words later. */
static const Form layers[] = {
    {GRUB, "Live-12", "set opts='root=live:CDLABEL=Live-12 quiet'", TRUE},
    {GRUB, "Live-12", "set opts=\"root=live:CDLABEL=Live-12 quiet\"", TRUE},
    {GRUB, "Live-12", "submenu \"it's\" { linux /k root=live:CDLABEL=Live-12 }", TRUE},
    {GRUB, "Live-12", "submenu 'a\\' { linux /k 'root=live:CDLABEL=Live-12' }", TRUE},
    {GRUB, "Live-12", "echo \\'; linux /k root=live:CDLABEL=Live-12", TRUE},
    {GRUB, "Live-12", "linux /k root=LABEL=\"Live-12\" quiet", TRUE},
    {GRUB, "Live-12", "linux /k root=LABEL='Live-12' quiet", TRUE},
    {GRUB, "Live-12", "if search --set=root --label Live-12||search -f /x; then", TRUE},
    {GRUB, "Live-12", "search --no-floppy \\\n  --set=root \\\n  --label Live-12", TRUE},
    {GRUB, "Live-12", "search --no-floppy \\\r\n  --label Live-12\r\n", TRUE},
    {GRUB, "Live-12", "set isolabel=\"Live-12\"", FALSE},
    {GRUB, "Live-12", "set isolabel=Live-12; linux /k archisolabel=$isolabel", FALSE},
    {GRUB, "Live-12", "isolabel='Live-12'", FALSE},
    {GRUB, "Live 12", "set isolabel=\"Live 12\"", TRUE},
    {GRUB, "Live-12", "eval \"search --set=root --label Live-12\"", FALSE},
};

/* The words of a line of GRUB, each on a line of its own. */
static void
split_grub(const char *at, GString *words)
{
    char quote = '\0';
    for (; *at; at++) {
        gboolean is_escape =
            *at == '\\' && at[1] && quote != '\'' && (!quote || strchr("$\"\\\n", at[1]));
        if (is_escape && *++at != '\n')
            g_string_append_c(words, *at);
        else if (!is_escape && (quote ? *at == quote : *at == '\'' || *at == '"'))
            quote = quote ? '\0' : *at;
        else if (!is_escape)
            g_string_append_c(words, !quote && strchr(" \t\n;|", *at) ? '\n' : *at);
    }
}

static void
split_refind(const char *at, GString *words)
{
    gboolean is_quoted = FALSE;
    for (; *at; at++) {
        if (*at == '"')
            is_quoted = !is_quoted;
        else
            g_string_append_c(words, !is_quoted && strchr(" \t", *at) ? '\n' : *at);
    }
}

static char *
replace(const char *text, const char *old, const char *other)
{
    g_auto(GStrv) parts = g_strsplit(text, old, -1);
    return g_strjoinv(other, parts);
}

/* What a line says to those who read it, each word on a line of its own; of parameters, what Linux
 * makes of udev's escapes. GRUB reads no carriage returns. */
static char *
understand(const char *text, Reader reader)
{
    g_autofree char *line = replace(text, "\r", "");
    g_autoptr(GString) words = g_string_new(NULL);
    if (reader == GRUB)
        split_grub(line, words);
    else if (reader == REFIND)
        split_refind(line, words);
    else
        g_string_append(words, g_strdelimit(line, " ", '\n'));
    return strstr(line, "search") ? g_strdup(words->str) : replace(words->str, "\\x20", " ");
}

static void
assert_understood(const Form *form, const char *text, const char *to)
{
    g_autoptr(RubEntry) entry = menu_entry_new("boot/grub/grub.cfg", text, strlen(text));
    g_autoptr(RubBootMenu) menu = menu_new(entry, text, form->from);
    g_autofree char *before = understand(text, form->reader);
    g_test_message("%s: %s", to, text);
    gboolean has_label = strstr(before, form->from) != NULL;
    g_assert_cmpint(menu->uses->len > 0, ==, has_label);
    if (strchr(to, ' '))
        g_assert_cmpint(rub_boot_menu_can_look_for(menu, to), ==, form->takes_spaces);
    if (!rub_boot_menu_can_look_for(menu, to))
        return;
    g_autoptr(RubEntry) changed = rub_boot_menu_relabel(menu, to);
    g_autofree char *after_text = menu_entry_read(changed);
    g_autofree char *after = understand(after_text, form->reader);
    g_autofree char *expected = replace(before, form->from, to);
    g_assert_cmpstr(after, ==, expected);
}

/* With what editors put around lines, to longer and shorter labels, with spaces and without. */
static void
assert_forms(const Form *forms, guint count)
{
    static const char *const labels[] = {"A", "RESCUE", "RESCUE_SYST", "MY OWN", "A B C D E F"};
    static const char *const ends[] = {"", "\n", "\r\n", "\r\n# end\r\n"};
    static const char *const starts[] = {"", "\xef\xbb\xbf", "# first\n",
                                         "\xef\xbb\xbf# first\r\n"};
    for (guint i = 0; i < count; i++) {
        for (guint k = 0; k < G_N_ELEMENTS(labels) * G_N_ELEMENTS(ends) * 4; k++) {
            g_autofree char *text =
                g_strconcat(starts[k % 4], forms[i].line, ends[k / 4 % G_N_ELEMENTS(ends)], NULL);
            assert_understood(&forms[i], text, labels[k / 4 / G_N_ELEMENTS(ends)]);
        }
    }
}

static void
test_fedora_and_its_kin(void)
{
    assert_forms(red_hat, G_N_ELEMENTS(red_hat));
}

static void
test_arch_and_its_kin(void)
{
    assert_forms(arch, G_N_ELEMENTS(arch));
}

static void
test_debian_and_its_kin(void)
{
    assert_forms(debian, G_N_ELEMENTS(debian));
}

static void
test_other_systems_and_loaders(void)
{
    assert_forms(others, G_N_ELEMENTS(others));
}

static void
test_texts_within_texts(void)
{
    assert_forms(layers, G_N_ELEMENTS(layers));
}

#define ADD(name, function) g_test_add_func("/boot-menu-forms/" name, function)

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    ADD("Fedora and its kin", test_fedora_and_its_kin);
    ADD("Arch and its kin", test_arch_and_its_kin);
    ADD("Debian and its kin", test_debian_and_its_kin);
    ADD("other systems and loaders", test_other_systems_and_loaders);
    ADD("texts within texts", test_texts_within_texts);
    return g_test_run();
}
