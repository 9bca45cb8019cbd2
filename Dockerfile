# One image for every process of ours; compose says which command each of them runs.
FROM python:3.12-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv /opt/journey \
 && /opt/journey/bin/python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
# The code runs from /app: migrations and policies lie beside its packages.
COPY . .
RUN /opt/journey/bin/python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation -e .

FROM python:3.12-slim-bookworm
# What letters and notices are set in: its characters are embedded.
RUN apt-get update \
 && apt-get install -y --no-install-recommends fonts-noto-cjk \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --create-home journey \
 && install -d -m 700 -o journey -g journey /var/lib/journey
COPY --from=build /opt/journey /opt/journey
COPY --from=build /app /app
ENV PATH=/opt/journey/bin:$PATH PYTHONUNBUFFERED=1 JOURNEY_HOME=/var/lib/journey JOURNEY_LOG_FORMAT=json
WORKDIR /app
USER journey
# What the simulated channels "sent", and evidence (scans, photos, print runs); else nothing beside a PostgreSQL store.
VOLUME /var/lib/journey
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "deploy/answers.py", "http://127.0.0.1:8000/healthz"]
ENTRYPOINT ["journey"]
CMD ["api", "--host", "0.0.0.0"]
