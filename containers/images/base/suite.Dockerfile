# The last layer of every image: the measured code, so that the image's identity covers it.
ARG CENSUS
ARG ENVIRONMENT
FROM ${CENSUS} AS census
LABEL threadmark=builder
FROM ${ENVIRONMENT}
# As in the environments' Dockerfiles: half an image must not be taken for an environment.
LABEL threadmark=builder
# An image of the user's own may name another.
USER 0:0
COPY --from=census /census.so /opt/threadmark/census.so
COPY suite /opt/threadmark/suite
ENV PYTHONPATH=/opt/threadmark/suite:/opt/threadmark/site${PYTHONPATH:+:$PYTHONPATH} \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp
RUN PYTHONHASHSEED=0 python3 -m compileall -q --invalidation-mode unchecked-hash /opt/threadmark/suite
WORKDIR /opt/threadmark/suite
USER 65534:65534
ENTRYPOINT []
CMD []
