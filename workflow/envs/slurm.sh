#!/bin/sh
# Makes sure that Slurm's daemons are there, which the tests start for themselves: installs them from Debian's packages when run
# as root, else says what to install. Nothing is started, and nothing but the tests needs them.
set -eu

command -v slurmctld >/dev/null && command -v slurmd >/dev/null && command -v srun >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "setting up Slurm for the tests (once)"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends slurm-wlm >/dev/null
    exit 0
fi
echo "Slurm is missing. Install it, then run the same command again: sudo apt-get install --no-install-recommends slurm-wlm" >&2
exit 1
