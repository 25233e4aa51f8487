# The library that notes questions for environment variables, compiled without network by a compiler from a wheel: the
# same bytes in whatever image of ours, or of the user's, its Python is.
ARG PYTHON
FROM ${PYTHON} AS compiler
LABEL threadmark=builder
USER 0:0
COPY wheels /census/wheels
COPY census.c /census/census.c
# For an old glibc: an image of the user's own may have one.
RUN cd /census && python3 -m zipfile -e wheels/*.whl . && chmod +x ziglang/zig && \
    ZIG_GLOBAL_CACHE_DIR=/census/cache ZIG_LOCAL_CACHE_DIR=/census/cache \
    ziglang/zig cc -target x86_64-linux-gnu.2.17 -std=c11 -shared -fPIC -O2 -s -o /census.so census.c -ldl

FROM scratch
LABEL threadmark=builder
COPY --from=compiler /census.so /census.so
