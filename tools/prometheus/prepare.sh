# Of all the ways to discover what is to be scraped the lab needs Kubernetes' alone; the others are the SDKs of every cloud.
# The list is meant to be changed before a build: it is what Prometheus' own plugins.yml is turned into.
set -eu
module=github.com/prometheus/prometheus
go mod download $module
cp -r "$(go list -m -f '{{.Dir}}' $module)" prometheus
chmod -R u+w prometheus
printf 'package plugins\n\nimport _ "%s/discovery/kubernetes"\n' $module > prometheus/plugins/plugins.go
go mod edit -replace "$module=./prometheus"
