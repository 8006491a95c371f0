# The first stage builds the wheel and an environment that holds it; the second takes the
# environment and nothing else; /venv/sbom.cdx.json lists what it holds, with licences. tests/house/test_image.py runs the first stage's lines.

FROM python:3.12.12-slim-bookworm@sha256:593bd06efe90efa80dc4eee3948be7c0fde4134606dd40d8dd8dbcade98e669c AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements/ requirements/
RUN python -m venv /venv \
    && /venv/bin/pip install --require-hashes -r requirements/run.txt \
    && pip install --require-hashes -r requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY schema/ schema/
COPY resolvers/ resolvers/
COPY gateway/ gateway/
RUN python -m build --wheel --no-isolation \
    && /venv/bin/pip install --no-deps --no-index dist/*.whl \
    && cyclonedx-py environment --output-reproducible -o /venv/sbom.cdx.json /venv/bin/python

FROM python:3.12.12-slim-bookworm@sha256:593bd06efe90efa80dc4eee3948be7c0fde4134606dd40d8dd8dbcade98e669c
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin gateway \
    && install --directory --owner=10001 --group=10001 /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
# Mount gateway.toml and keys.toml here; an SQLite ledger lies here too.
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-c", \
    "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
ENTRYPOINT ["gateway"]
CMD ["serve", "--config", "gateway.toml", "--host", "0.0.0.0"]
