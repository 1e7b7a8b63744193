#!/usr/bin/env bash
# The ten steps of a federated access with nothing but curl (and sed to read JSON). Needs a running federation: npm start
# Usage: bash docs/flows/ten-steps.sh [MANIFEST]
set -euo pipefail
manifest="${1:-$(dirname "$0")/../../.federation/manifest.json}"
[ -r "$manifest" ] || { echo "no manifest at $manifest: is the federation running (npm start)?" >&2; exit 1; }

# member NAME: the string member NAME of the JSON on standard input (the first one)
member() { tr -d '\n' | sed -n 's/[^\n]*"'"$1"'" *: *"\([^"]*\)".*/\1/p' | head -n 1; }
# first_after MARK NAME: the first string member NAME after the text MARK in the manifest
first_after() { sed -n '/"'"$1"'"/,$p' "$manifest" | sed -n 's/.*"'"$2"'" *: *"\([^"]*\)".*/\1/p' | head -n 1; }
short() { printf '%s…%s (%s characters)' "${1:0:16}" "${1: -8}" "${#1}"; }
step() { printf '\n%2s  %s\n' "$1" "$2"; }

base() { sed -n '/"'"$1"'": {/,$p' "$manifest" | sed -n '/"'"$2"'"/,$p' | sed -n 's/.*"\(issuer\|url\)": *"\([^"]*\)".*/\2/p' | head -n 1; }
gateway=$(base acme gateway); as_rqp=$(base globex asRqp); identity_provider=$(base globex identityProvider)
client_id=$(first_after confidential clientId); client_secret=$(first_after confidential clientSecret)
password=$(grep -A1 '"email": "bob@globex.example"' "$manifest" | member password)
note="$gateway/users/alice/notes/1"
jwt=urn:ietf:params:oauth:token-type:jwt

echo "Bob signs in at his own organisation (the password grant is for development only)"
bob=$(curl -sS -u "$client_id:$client_secret" "$identity_provider/token" -d grant_type=password -d scope='openid email' \
  --data-urlencode username=bob@globex.example --data-urlencode password="$password" | member access_token)

step 1 "GET $note, without a token"
challenge=$(curl -sS -i "$note" | tr -d '\r')
step 2 "(the gateway asks acme's AS-RO for a ticket)"
step 3 "(and gets the ticket and the resource claims token)"
step 4 "$(printf '%s' "$challenge" | head -n 1)"
uma=$(printf '%s\n' "$challenge" | sed -n 's/^[Ww][Ww][Ww]-[Aa]uthenticate: UMA //p')
parameter() { printf '%s' "$uma" | sed -n 's/.*'"$1"'="\([^"]*\)".*/\1/p'; }
as_uri=$(parameter as_uri); ticket=$(printf '%s' "$uma" | sed -n 's/.*[ ,]ticket="\([^"]*\)".*/\1/p'); rct=$(parameter resource_claims_token)
echo "    as_uri                $as_uri"
echo "    ticket                $(short "$ticket")"
echo "    resource_claims_token $(short "$rct")"

step 5 "POST $as_rqp/token: Bob's token and the resource claims token"
answer=$(curl -sS -u "$client_id:$client_secret" "$as_rqp/token" \
  -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange -d requested_token_type=$jwt \
  -d subject_token="$bob" -d subject_token_type=urn:ietf:params:oauth:token-type:access_token \
  -d actor_token="$rct" -d actor_token_type=$jwt --data-urlencode resource=mailto:alice@acme.example)
ict=$(printf '%s' "$answer" | member access_token)
step 6 "identity claims token $(short "$ict"), token_type $(printf '%s' "$answer" | member token_type)"

token_endpoint=$(curl -sS "$as_uri/.well-known/uma2-configuration" | member token_endpoint)
step 7 "POST $token_endpoint: the ticket and the identity claims token"
answer=$(curl -sS -u "$client_id:$client_secret" "$token_endpoint" \
  -d grant_type=urn:ietf:params:oauth:grant-type:uma-ticket -d ticket="$ticket" \
  -d claim_token="$ict" -d claim_token_format=$jwt --data-urlencode resource="$gateway")
rpt=$(printf '%s' "$answer" | member access_token)
[ -n "$rpt" ] || { echo "    refused: $answer"; exit 1; }
step 8 "RPT $(short "$rpt"), token_type $(printf '%s' "$answer" | member token_type)"

step 9 "GET $note, with the RPT"
answer=$(curl -sS -w '\n%{http_code}' "$note" -H "Authorization: Bearer $rpt")
step 10 "HTTP $(printf '%s' "$answer" | tail -n 1)"
printf '\n%s\n' "$(printf '%s' "$answer" | sed '$d')"
[ "$(printf '%s' "$answer" | tail -n 1)" = 200 ]
