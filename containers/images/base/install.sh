#!/bin/sh
# Builds /opt/threadmark/site from the wheels in /wheels, inside the builder stage, without network.
# $1: the lock. What is taken out again is never read by a run; what stays is as shipped.
set -eu
site=/opt/threadmark/site

# pip runs from its own wheel, whose hash was checked when it was fetched, and is not installed.
PYTHONPATH=$(echo /wheels/pip-*.whl) python3 -m pip install --quiet --no-cache-dir --no-input \
  --root-user-action=ignore --disable-pip-version-check --no-warn-conflicts \
  --no-index --find-links=/wheels --no-deps --require-hashes --no-compile --target="$site" -r "$1"

# For compilers, linkers, type checkers and tests only. NVIDIA's wheels carry headers and static libraries too.
rm -rf "$site/bin" "$site/tensorflow/include" "$site/tensorflow/xla_aot_runtime_src"
find "$site" -depth -type d \( -name tests -o -name testdata -o -name __pycache__ \) -exec rm -rf {} +
find "$site" -depth -type d -path "$site/nvidia/*/include" -exec rm -rf {} +
find "$site" -type f \( -name '*.a' -o -name '*.h' -o -name '*.hpp' -o -name '*.cuh' -o -name '*.pyi' \
  -o -name '*.pxd' -o -name '*.pyx' -o -name '*_test.py' \) -delete

# A read-only container cannot write bytecode. Hash-based, because a time stamp of the source would
# differ between builds; unchecked, because nothing edits the sources. One process, in sorted order and with
# fixed hashes of strings: the order of the constants in a file depends on both.
export PYTHONHASHSEED=0
python3 -m compileall -q --invalidation-mode unchecked-hash "$site"
