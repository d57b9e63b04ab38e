"""Where the lab keeps what it is made of. One lab a machine, so the places are fixed; everything lies under ROOT and goes with it."""

from pathlib import Path

ROOT = Path("/var/lib/mesh-lab")
KUBECONFIG = ROOT / "kubeconfig"
CONTEXT = "mesh-lab"
CHARTS = ROOT / "charts"
"""`CHARTS/<release>/<chart>`: links to the charts of the releases whose images the lab holds."""
KUBECTL = ROOT / "bin/kubectl"
"""Of the lab's own version; a link to the binary that is all of Kubernetes."""
PKI = ROOT / "pki"
DNS = ROOT / "dns"
LOGS = ROOT / "logs"
KUBELET = ROOT / "kubelet"
OWNER = ROOT / "owner.json"
RUNC = ROOT / "bin/runc"
BUNDLE = ROOT / "bundle"
RUNTIME = ROOT / "runc"
"""runc's own records, apart from those of the host's containers."""
LOCK = Path("/run/lock/mesh-lab.lock")
"""Outside ROOT: it is held while ROOT is made and removed."""
