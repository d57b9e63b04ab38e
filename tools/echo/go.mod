module mesh/tools/echo

go 1.26
