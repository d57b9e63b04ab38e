module mesh/tools/proxyv2-stand-in

go 1.26
