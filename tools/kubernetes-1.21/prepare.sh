# Kubernetes 1.21 is published without its generated OpenAPI definitions: generate them, as its own Makefile does,
# for the tagged packages that the binary is made of, into a copy of the module that stands in for the original.
set -eu
module=k8s.io/kubernetes
package=$module/pkg/generated/openapi

tagged=$(go list -e -deps -f '{{if .Module}}{{.ImportPath}} {{.Dir}}{{end}}' . | while read -r import directory; do
    if grep -qs '^// *+k8s:openapi-gen=true' "$directory"/*.go; then printf '%s,' "$import"; fi
done)
cp -r "$(go list -m -f '{{.Dir}}' $module)" kubernetes
chmod -R u+w kubernetes
go mod edit -replace "$module=./kubernetes"
mkdir generated
# gotypesalias=0: the generator is older than Go's alias types.
GODEBUG=gotypesalias=0 go run k8s.io/kube-openapi/cmd/openapi-gen -h /dev/null -r /dev/null -i "${tagged%,}" \
    -p "$package" -O zz_generated.openapi -o generated
mv "generated/$package/zz_generated.openapi.go" kubernetes/pkg/generated/openapi/
rm -r generated
