module mesh/tools/grafana-6.1

go 1.26

tool github.com/grafana/grafana/pkg/cmd/grafana-server

// Grafana 6.1 has no go.mod: the versions that it was locked to, or the nearest that are served and build today.
require (
	cloud.google.com/go v0.37.4 // indirect
	github.com/BurntSushi/toml v0.3.1 // indirect
	github.com/Unknwon/com v0.0.0-20190321035513-0fed4efef755 // indirect
	github.com/VividCortex/mysqlerr v0.0.0-20170204212430-6c6b55f8796f // indirect
	github.com/aws/aws-sdk-go v1.16.15 // indirect
	github.com/denisenkom/go-mssqldb v0.0.0-20190315220205-a8ed825ac853 // indirect
	github.com/facebookgo/inject v0.0.0-20180706035515-f23751cae28b // indirect
	github.com/facebookgo/structtag v0.0.0-20150214074306-217e25fb9691 // indirect
	github.com/go-macaron/binding v0.0.0-20170611065819-ac54ee249c27 // indirect
	github.com/go-macaron/gzip v0.0.0-20160222043647-cad1c6580a07 // indirect
	github.com/go-macaron/session v0.0.0-20190131233854-0a0a789bf193 // indirect
	github.com/go-sql-driver/mysql v1.4.1 // indirect
	github.com/go-xorm/core v0.6.2 // indirect
	github.com/go-xorm/xorm v0.7.1 // indirect
	github.com/gobwas/glob v0.2.3 // indirect
	github.com/golang/protobuf v1.3.2 // indirect
	github.com/gorilla/websocket v1.4.0 // indirect
	github.com/gosimple/slug v1.1.1 // indirect
	github.com/grafana/grafana v6.1.6+incompatible // indirect
	github.com/grafana/grafana-plugin-model v0.0.0-20180518082423-84176c64269d // indirect
	github.com/hashicorp/go-hclog v0.0.0-20180402200405-69ff559dc25f // indirect
	github.com/hashicorp/go-plugin v0.0.0-20180331002553-e8d22c780116 // indirect
	github.com/inconshreveable/log15 v0.0.0-20180818164646-67afb5ed74ec // indirect
	github.com/klauspost/compress v1.4.1 // indirect
	github.com/lib/pq v1.0.0 // indirect
	github.com/mattn/go-sqlite3 v1.14.22 // indirect
	github.com/opentracing/opentracing-go v1.0.2 // indirect
	github.com/patrickmn/go-cache v2.1.0+incompatible // indirect
	github.com/prometheus/client_golang v0.9.3-0.20190127221311-3c4408c8b829 // indirect
	github.com/prometheus/common v0.2.0 // indirect
	github.com/rainycape/unidecode v0.0.0-20150907023854-cb7f23ec59be // indirect
	github.com/uber/jaeger-client-go v2.14.0+incompatible // indirect
	github.com/uber/jaeger-lib v1.5.0 // indirect
	github.com/yudai/gojsondiff v1.0.0 // indirect
	github.com/yudai/golcs v0.0.0-20170316035057-ecda9a501e82 // indirect
	golang.org/x/sys v0.29.0 // indirect
	google.golang.org/grpc v1.23.1 // indirect
	gopkg.in/bufio.v1 v1.0.0-20140618132640-567b2bfa514e // indirect
	gopkg.in/ini.v1 v1.42.0 // indirect
	gopkg.in/ldap.v3 v3.0.2 // indirect
	gopkg.in/macaron.v1 v1.3.2 // indirect
	gopkg.in/mail.v2 v2.3.1 // indirect
	gopkg.in/redis.v2 v2.3.2 // indirect
)

require (
	github.com/benbjohnson/clock v1.3.5 // indirect
	github.com/beorn7/perks v0.0.0-20180321164747-3a771d992973 // indirect
	github.com/bmizerany/assert v0.0.0-20160611221934-b7ed37b82869 // indirect
	github.com/bradfitz/gomemcache v0.0.0-20260422231931-4d751bb6e37c // indirect
	github.com/codahale/hdrhistogram v0.0.0-20161010025455-3a0bb77429bd // indirect
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/facebookgo/ensure v0.0.0-20200202191622-63f1cf65ac4c // indirect
	github.com/facebookgo/stack v0.0.0-20160209184415-751773369052 // indirect
	github.com/facebookgo/subset v0.0.0-20200203212716-c811ad88dec4 // indirect
	github.com/go-macaron/inject v0.0.0-20160627170012-d8a0b8677191 // indirect
	github.com/go-stack/stack v1.8.0 // indirect
	github.com/go-xorm/builder v0.3.2 // indirect
	github.com/hashicorp/go-version v1.9.0 // indirect
	github.com/hashicorp/yamux v0.1.2 // indirect
	github.com/jmespath/go-jmespath v0.0.0-20180206201540-c2b33e8439af // indirect
	github.com/klauspost/cpuid v1.3.1 // indirect
	github.com/mattn/go-colorable v0.1.16 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/matttproud/golang_protobuf_extensions v1.0.1 // indirect
	github.com/mitchellh/go-testing-interface v1.14.1 // indirect
	github.com/oklog/run v1.2.0 // indirect
	github.com/pkg/errors v0.8.0 // indirect
	github.com/prometheus/client_model v0.0.0-20190115171406-56726106282f // indirect
	github.com/prometheus/procfs v0.0.0-20190117184657-bf6a532e95b1 // indirect
	github.com/sergi/go-diff v1.4.0 // indirect
	github.com/teris-io/shortid v0.0.0-20220617161101-71ec9f2aa569 // indirect
	github.com/uber-go/atomic v1.4.0 // indirect
	github.com/yudai/pp v2.0.1+incompatible // indirect
	golang.org/x/crypto v0.0.0-20190308221718-c2843e01d9a2 // indirect
	golang.org/x/net v0.0.0-20190311183353-d8887717615a // indirect
	golang.org/x/oauth2 v0.0.0-20190226205417-e64efc72b421 // indirect
	golang.org/x/sync v0.0.0-20190423024810-112230192c58 // indirect
	golang.org/x/text v0.3.1-0.20180807135948-17ff2d5776d2 // indirect
	google.golang.org/appengine v1.4.0 // indirect
	google.golang.org/genproto v0.0.0-20190404172233-64821d5d2107 // indirect
	gopkg.in/alexcesaro/quotedprintable.v3 v3.0.0-20150716171945-2caba252f4dc // indirect
	gopkg.in/asn1-ber.v1 v1.0.0-20181015200546-f715ec2f112d // indirect
	gopkg.in/square/go-jose.v2 v2.6.0 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
)

// The last one with the signature that Grafana 6.1 expects; others of its age ask for more.
replace golang.org/x/oauth2 => golang.org/x/oauth2 v0.0.0-20180529203656-ec22f46f877b
