#!/usr/bin/env bash
# Usage: profiles/package.sh OUTPUT_FOLDER
# Packs the FHIR artefacts of this product as a FHIR NPM package (cpis-gateway.fhir.r4-VERSION.tgz).
# The same sources give the same bytes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: profiles/package.sh OUTPUT_FOLDER}
version=$(sed -n 's/^project(cpis-gateway VERSION \([0-9.]*\).*/\1/p' "$here/../CMakeLists.txt")
[ -n "$version" ] || { echo "package.sh: no version in CMakeLists.txt" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/package"
cp "$here"/fhir/resources/*.json "$work/package/"

field() { sed -n "s/^  \"$2\": \"\(.*\)\",\{0,1\}\$/\1/p" "$1" | head -1; }

index() {
  local file separator=""
  printf '{\n  "index-version": 1,\n  "files": ['
  for file in "$work"/package/*-*.json; do
    printf '%s\n    {"filename": "%s", "resourceType": "%s", "id": "%s", "url": "%s", "version": "%s"' \
      "$separator" "$(basename "$file")" "$(field "$file" resourceType)" "$(field "$file" id)" \
      "$(field "$file" url)" "$(field "$file" version)"
    local kind type
    kind=$(field "$file" kind)
    type=$(field "$file" type)
    [ -z "$kind" ] || printf ', "kind": "%s"' "$kind"
    [ -z "$type" ] || printf ', "type": "%s"' "$type"
    printf '}'
    separator=,
  done
  printf '\n  ]\n}\n'
}
listing=$(index)
printf '%s\n' "$listing" >"$work/package/.index.json"

cat >"$work/package/package.json" <<JSON
{
  "name": "cpis-gateway.fhir.r4",
  "version": "$version",
  "canonical": "https://cpis-gateway.example/fhir",
  "url": "https://cpis-gateway.example/fhir",
  "title": "cpis-gateway",
  "description": "FHIR R4 profiles, value sets, search parameters and test scripts of cpis-gateway",
  "type": "IG",
  "fhirVersions": ["4.0.1"],
  "dependencies": {"hl7.fhir.r4.core": "4.0.1"},
  "author": "cpis-gateway",
  "license": "Apache-2.0"
}
JSON

file="$out/cpis-gateway.fhir.r4-$version.tgz"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime='2026-01-01 00:00Z' --format=ustar \
  -C "$work" -cf - package | gzip -n9 >"$file"
echo "$file"
