#!/bin/sh
# What `make test` needs besides Python packages: a real PostgreSQL, a browser and what drives it, mail clients,
# the scanners that are asked, another IMAP server and another spam filter to compare with, tools that make faults, and a font that has Vietnamese. Installs what is missing where it may; otherwise says what to install and fails.
set -eu

missing=""
need() { missing="$missing $1"; }

ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need postgresql
command -v chromium >/dev/null 2>&1 || need chromium
# The Node.js that drives the browser is linked against it; a bare Debian has none.
ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1 || need libatomic1
command -v mbsync >/dev/null 2>&1 || need isync
command -v curl >/dev/null 2>&1 || need curl
command -v gsasl >/dev/null 2>&1 || need gsasl
command -v msmtp >/dev/null 2>&1 || need msmtp
command -v swaks >/dev/null 2>&1 || need swaks
# TLS for swaks.
perl -MNet::SSLeay -e 1 >/dev/null 2>&1 || need libnet-ssleay-perl
command -v offlineimap >/dev/null 2>&1 || need offlineimap3
command -v neomutt >/dev/null 2>&1 || need neomutt
command -v thunderbird >/dev/null 2>&1 || need thunderbird
command -v Xvfb >/dev/null 2>&1 || need xvfb
command -v xdotool >/dev/null 2>&1 || need xdotool
[ -x /usr/lib/dovecot/imap ] || need dovecot-imapd
command -v clamd >/dev/null 2>&1 || [ -x /usr/sbin/clamd ] || need clamav-daemon
command -v rspamd >/dev/null 2>&1 || need rspamd
command -v bogofilter >/dev/null 2>&1 || need bogofilter
command -v strace >/dev/null 2>&1 || need strace
command -v faketime >/dev/null 2>&1 || need faketime
ls /usr/share/fonts/truetype/noto/NotoSans-Regular.ttf >/dev/null 2>&1 || need fonts-noto-core

[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "Installing from Debian / Cài từ Debian:$missing"
	export DEBIAN_FRONTEND=noninteractive
	apt-get -qq update
	# Word splitting is wanted: one word a package.
	# shellcheck disable=SC2086
	apt-get -qq install --yes --no-install-recommends $missing >/dev/null
	exit 0
fi

echo "make test needs these Debian packages / make test cần các gói Debian này:$missing" >&2
echo "    sudo apt-get update && sudo apt-get install --no-install-recommends$missing" >&2
exit 1
