// echo serves as the image wardviaene/http-echo of the hello/world example, with that image's contract: on port 8080 it answers
// TEXT, after LATENCY seconds, followed by the answer of NEXT (HOST:PORT). When NEXT cannot be reached, the answer says only
// that, with status 200.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"
)

// passedOn are the headers by which a tracer joins the calls of one request.
var passedOn = []string{
	"x-request-id",
	"x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags",
	"x-ot-span-context",
}

// keysPath is the one path at which the image does not ask NEXT: there it serves the keys of its tokens, of which this one has none.
const keysPath = "/.well-known/jwks.json"

func main() {
	log.Println("listening on port 8080")
	log.Fatal(http.ListenAndServe(":8080", handler(os.Getenv("TEXT"), os.Getenv("NEXT"), os.Getenv("LATENCY"))))
}

func handler(text, next, latency string) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		if latency != "" {
			seconds, err := strconv.Atoi(latency)
			if err != nil {
				fmt.Fprint(w, "LATENCY must be a number of seconds")
				return
			}
			time.Sleep(time.Duration(seconds) * time.Second)
		}
		switch {
		case request.URL.Path == keysPath:
			fmt.Fprint(w, "{}")
		case text == "":
			fmt.Fprint(w, "TEXT is not set")
		case next == "":
			fmt.Fprint(w, text)
		default:
			url := "http://" + next + "/"
			answer, err := call(request, url)
			if err != nil {
				log.Println(err)
				fmt.Fprintf(w, "Couldn't connect to %s", url)
				return
			}
			fmt.Fprintf(w, "%s %s\n", text, answer)
		}
	}
}

func call(request *http.Request, url string) (string, error) {
	onward, err := http.NewRequestWithContext(request.Context(), http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	for _, name := range passedOn {
		if value := request.Header.Get(name); value != "" {
			onward.Header.Set(name, value)
		}
	}
	response, err := http.DefaultClient.Do(onward)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}
