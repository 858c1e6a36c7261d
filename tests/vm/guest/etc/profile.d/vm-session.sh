# SPDX-License-Identifier: GPL-3.0-or-later
# The plain user's session on the first console: a password dialog that answers by itself, and the
# channel through which the host runs commands here.
if [ "$(id -un)" = tester ] && [ "$(tty)" = /dev/tty1 ]; then
    export LANG=C.UTF-8
    /usr/bin/python3 /usr/local/lib/vm/password_agent.py &
    exec /usr/bin/python3 /usr/local/lib/vm/remote.py vm.tester
fi
