"""A real single-node Kubernetes for an afternoon: in namespaces of its own, from upstream components, gone without a trace."""
