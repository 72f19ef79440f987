# matscout on a CPU, as a user without rights: docker build -t matscout . && docker run --rm -v "$PWD":/work matscout check gaps.csv
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src ./src
RUN python -m venv /opt/matscout \
 && /opt/matscout/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt ".[structures,index]"

FROM python:3.12-slim
RUN useradd --create-home --uid 1000 matscout
COPY --from=build /opt/matscout /opt/matscout
ENV PATH=/opt/matscout/bin:$PATH
USER matscout
WORKDIR /work
ENTRYPOINT ["matscout"]
CMD ["--help"]
