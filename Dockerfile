# The one image of all that runs the site's code; the word after it says what it is (deploy/image/start).
# `make image` builds it, docs/shipping.md says how it is run.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /srv/groundswell
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY . .
# Compressed and compiled here, since nothing can be written where it runs.
RUN VAR_DIR=/tmp python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q apps deploy project

FROM ${BASE}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Groundswell" \
      org.opencontainers.image.description="A community news and discussion site that anyone can host." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="${REVISION}"
# A volume takes over whose these are.
RUN install -d -o 10001 -g 10001 /var/lib/groundswell /var/lib/groundswell/media /srv/door
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/groundswell /srv/groundswell
WORKDIR /srv/groundswell
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    VAR_DIR=/var/lib/groundswell
# A number, by which Kubernetes sees that it is not root.
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["/srv/groundswell/deploy/image/start"]
CMD ["web"]
# Of the web; compose.yaml and Kubernetes ask the others in their own ways.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["deploy/image/healthy", "8000/health/ready"]
