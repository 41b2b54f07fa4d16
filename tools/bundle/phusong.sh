#!/bin/sh
# Makes phusong's own environment from the wheels beside this file, without internet, and opens the page.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
env=$here/env
if ! cmp -s "$here/requirements.txt" "$env/requirements.txt"; then
  python=$(command -v python@PYTHON@) || {
    echo "Máy này chưa có Python @PYTHON@: nhờ người quản trị cài (python@PYTHON@)." >&2
    echo "This machine has no Python @PYTHON@: ask its administrator for python@PYTHON@." >&2
    exit 1
  }
  echo "Đang cài đặt, chỉ lần đầu; không cần internet … / Installing, the first time only; no internet needed ..." >&2
  rm -rf "$env"
  "$python" -m venv --without-pip "$env"
  "$env/bin/python" "$here/pip.whl/pip" --isolated install --quiet --disable-pip-version-check \
    --no-cache-dir --no-compile --no-index --find-links "$here/wheels" --require-hashes --requirement "$here/requirements.txt"
  cp "$here/requirements.txt" "$env/requirements.txt" # the last step: it says that all is there
fi
exec "$env/bin/python" -m phusong open "$@"
