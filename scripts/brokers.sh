#!/usr/bin/env bash
# Tests the carriers at every broker, Kafka among them, which comes from Maven Central since Debian has no package of it.
# Here a broker that is missing is a failure; in `npm test` its tests are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p node_modules/.cache
mvn --quiet --batch-mode --file test/support/kafka/pom.xml dependency:build-classpath \
  -Dmdep.outputFile="$PWD/node_modules/.cache/keeptrace-kafka-classpath"
ALL_BROKERS=1 exec vitest run test/e2e/brokers.test.ts
