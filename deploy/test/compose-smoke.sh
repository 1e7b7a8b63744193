#!/usr/bin/env bash
# Brings the compose federation up from nothing, reads Alice's note as Bob, takes replicas away, and removes everything again. Prints one line
# per check and exits 1 when one fails.
#   deploy/test/compose-smoke.sh [--keep]        --keep leaves it running
# Needs docker with compose v2, and nothing else that uses the project name uma-federation, the ports 8443 and 9443 or 172.30.0.0/22.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

NOTE=https://rs.acme.example/users/alice/notes/1
failures=0
log=$(mktemp)
pass() { printf 'PASS  %s\n' "$1"; }
fail() { printf 'FAIL  %s\n' "$1"; sed 's/^/        /' "$log" | tail -20; failures=$((failures + 1)); }
# check NAME COMMAND...: the command's output is shown only when it fails.
check() { local name=$1; shift; if "$@" >"$log" 2>&1; then pass "$name"; else fail "$name"; fi; }
not() { ! "$@"; }

client() { docker compose run --rm --no-TTY client "$@"; }
reads_note() { client uma get "$NOTE" --as bob@globex.example | tee /dev/stderr | grep -q 'we meet on Thursday at ten'; }
reads_note_often() { local turn; for turn in 1 2 3 4; do reads_note || return 1; done; }
has_ten_steps() { client uma get "$NOTE" --as bob@globex.example --trace 2>&1 >/dev/null | tee "$log" | grep -qE '^ *10\b'; }
is_denied() { client uma get "$1" --as "$2"; [ $? -eq 3 ]; }
containers() { docker compose ps --quiet; }

all_healthy() {
  local states
  states=$(containers | xargs docker inspect --format '{{.Name}} {{.State.Status}} {{.State.Health.Status}}')
  printf '%s\n' "$states"
  [ "$(wc -l <<<"$states")" -eq 19 ] && not grep -vq ' running healthy$' <<<"$states"
}

# Of every container: no root, no capability, no way to gain one, nothing writable but volumes and memory.
all_confined() {
  local id uid
  for id in $(containers); do
    docker inspect --format '{{.Name}} read-only={{.HostConfig.ReadonlyRootfs}} privileged={{.HostConfig.Privileged}}' "$id"
    [ "$(docker inspect --format '{{.HostConfig.ReadonlyRootfs}}{{.HostConfig.Privileged}}' "$id")" = truefalse ] || return 1
    docker exec "$id" grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs)' /proc/1/status | tr '\t\n' '  '
    docker exec "$id" grep -qE '^CapEff:\s*0+$' /proc/1/status && docker exec "$id" grep -qE '^CapBnd:\s*0+$' /proc/1/status || return 1
    docker exec "$id" grep -qE '^NoNewPrivs:\s*1$' /proc/1/status || return 1
    uid=$(docker exec "$id" id -u) && [ "$uid" -ne 0 ] || return 1
  done
}

ports_on_loopback_only() {
  local bound
  bound=$(containers | xargs docker inspect --format '{{range $port, $bindings := .HostConfig.PortBindings}}{{range $bindings}}{{.HostIp}}:{{.HostPort}} {{end}}{{end}}' | tr -s ' \n' '\n' | sort -u | xargs)
  printf '%s\n' "$bound"
  [ "$bound" = '127.0.0.1:8443 127.0.0.1:9443' ]
}

challenges_from_host() {
  client cat /authority/ca.pem >"$log.ca" 2>/dev/null
  curl --silent --show-error --include --cacert "$log.ca" --connect-to rs.acme.example:443:127.0.0.1:8443 "$NOTE" | tee /dev/stderr |
    grep -qi '^www-authenticate: UMA .*as_uri="https://as.acme.example"'
}

# reaches_acme FROM SERVICE PORT: whether a container gets a connection to a service of acme on acme's own network.
reaches_acme() {
  local address
  address=$(docker inspect --format '{{(index .NetworkSettings.Networks "uma-federation_acme").IPAddress}}' "uma-federation-acme-$2-1")
  docker compose exec --no-TTY "$1" timeout 3 bash -c "exec 3<>/dev/tcp/$address/$3"
}
only_acme_reaches() { reaches_acme acme-as-ro "$@" && not reaches_acme globex-as-ro "$@"; }

nothing_left() { [ -z "$(docker ps --all --quiet --filter label=com.docker.compose.project=uma-federation; docker volume ls --quiet --filter label=com.docker.compose.project=uma-federation)" ]; }
tear_down() { docker compose --profile client down --volumes --remove-orphans --timeout 5; }

tear_down >"$log" 2>&1
trap 'rm -f "$log" "$log.ca"' EXIT
started=$SECONDS
check 'docker compose up --build --wait, from nothing' docker compose up --detach --build --wait --wait-timeout 300
echo "      ($((SECONDS - started)) s)"
if [ "$failures" -gt 0 ]; then docker compose ps --all; docker compose logs --no-color --tail 15; fi

check 'every container is healthy' all_healthy
check 'Bob of globex reads the note of Alice of acme' reads_note
check 'the trace has ten steps' has_ten_steps
check 'Dave, with whom nothing is shared, is denied' is_denied "$NOTE" dave@globex.example
check 'the note that is not shared is denied to Bob' is_denied https://rs.acme.example/users/alice/notes/2 bob@globex.example
check 'the host gets the UMA challenge through the published port' challenges_from_host
check 'no root, no capabilities, read-only file systems' all_confined
check 'published on 127.0.0.1 only' ports_on_loopback_only
check "acme's database can be reached from acme, and not from globex" only_acme_reaches database 5432
check "acme's API can be reached from acme, and not from globex" only_acme_reaches sample-api 8080
check 'a second setup and migration change nothing' docker compose up --detach --wait --wait-timeout 120

check 'kill -9 of one AS-RO replica' docker kill --signal KILL uma-federation-acme-as-ro-1
check 'Bob reads on, four times' reads_note_often
check 'kill -9 of one gateway replica' docker kill --signal KILL uma-federation-acme-rs-gateway-2
check 'Bob reads on, four times' reads_note_often
check "restart of acme's database" docker compose restart acme-database
check 'the federation is whole again' docker compose up --detach --wait --wait-timeout 120
check 'every container is healthy' all_healthy
check 'Bob reads on, four times' reads_note_often

if [ "${1:-}" = --keep ]; then
  echo 'left running: docker compose --profile client down --volumes'
else
  check 'docker compose down' tear_down
  check 'nothing is left' nothing_left
fi
if [ "$failures" -eq 0 ]; then echo 'compose smoke test: PASS'; else echo "compose smoke test: FAIL ($failures)"; fi
[ "$failures" -eq 0 ]
