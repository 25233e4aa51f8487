#!/bin/sh
# Last step of the bootstrap, run by mmdebstrap with the root of the new system as $1.
# Takes out what differs between two machines or days, and what a container that installs nothing never reads.
set -eu
cd "$1"

# Copied from the host by mmdebstrap, and written again by the engine for each container.
rm -f etc/hostname etc/resolv.conf etc/machine-id var/lib/dbus/machine-id

# Where packages came from and when.
rm -rf etc/apt/sources.list etc/dpkg/dpkg.cfg.d/99mmdebstrap var/lib/apt var/cache/apt var/log/apt
rm -f var/log/*.log var/log/btmp var/log/faillog var/log/lastlog var/log/wtmp var/lib/dpkg/*-old
rm -f var/cache/ldconfig/aux-cache var/cache/debconf/*-old
rm -f etc/passwd- etc/group-

# Parts of Python that nothing here imports.
rm -rf usr/lib/python3.11/lib2to3 usr/lib/python3.11/pydoc_data usr/lib/python3.11/unittest/test
