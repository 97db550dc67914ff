#!/bin/sh
# Makes sure that LaTeX and pandoc are there: installs it from Debian's packages when run as root, else says what to install.
set -eu

packages="latexmk texlive-latex-recommended texlive-latex-extra texlive-fonts-recommended lmodern tex-gyre fonts-texgyre poppler-utils pandoc"

complete() {
    command -v latexmk >/dev/null && command -v kpsewhich >/dev/null && command -v pdftotext >/dev/null || return 1
    command -v pandoc >/dev/null || return 1
    for file in article.cls booktabs.sty microtype.sty titlesec.sty marginfix.sty placeins.sty cleveref.sty tgpagella.sty lmodern.sty; do
        kpsewhich "$file" >/dev/null || return 1
    done
}

complete && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    alive="$(dirname "$0")/alive.sh"
    sh "$alive" "looking for LaTeX and pandoc in Debian's packages" apt-get update -qq
    # shellcheck disable=SC2086
    sh "$alive" "setting up LaTeX and pandoc (once, a few minutes)" apt-get install -y -qq --no-install-recommends $packages
    complete && exit 0
fi
cat >&2 <<EOF
LaTeX or pandoc is missing or incomplete. Install these packages, then run the same command again:
  Debian, Ubuntu:  sudo apt-get install --no-install-recommends $packages
  other systems:   TeX Live with latexmk and the collections latexrecommended, latexextra, fontsrecommended; poppler; pandoc 2.17 or newer
EOF
exit 1
