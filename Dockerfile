# The program and its packages, for the commands of the Procfile. Data lives in /data.
FROM python:3.11-slim AS packages
ARG S3=
COPY requirements.lock requirements-s3.txt /
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r /requirements.lock \
  && if [ -n "$S3" ]; then /venv/bin/pip install --no-cache-dir -r /requirements-s3.txt; fi

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 NEWSROOM_DATA_DIR=/data HOST=0.0.0.0
RUN useradd --uid 10001 --create-home newsroom && install -d -o newsroom /data
COPY --from=packages /venv /venv
COPY . /newsroom
WORKDIR /newsroom
USER newsroom
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "newsroom.wsgi", "--config", "gunicorn.conf.py"]
