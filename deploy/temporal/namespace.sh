#!/bin/sh
# The namespace with its retention and our search attributes; safe to repeat. Address and name come from TEMPORAL_*.
set -eu
retention=90d
keywords="JourneyProject JourneyBatch JourneyUnit JourneyStage JourneyStatus JourneySegment CaseKind CaseLevel"

# What was just made is not known everywhere at once.
again() {
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    "$@" && return 0
    sleep 2
  done
  return 1
}

register() {
  type=$1
  shift
  for name in "$@"; do
    echo "$known" | grep -q "^ *$name " || again temporal operator search-attribute create --name "$name" --type "$type"
  done
}

again temporal operator cluster health
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1 ||
  temporal operator namespace create --retention "$retention" --namespace "$TEMPORAL_NAMESPACE"
again temporal operator namespace update --retention "$retention" --namespace "$TEMPORAL_NAMESPACE"
known=$(again temporal operator search-attribute list)
# shellcheck disable=SC2086 # one word each
register Keyword $keywords
register Datetime JourneyNextDue
register Int JourneyOverdue
