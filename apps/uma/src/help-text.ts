/** What `uma help` prints. */
export const HELP_TEXT = `uma: fetch what people of other organisations share with you

  uma get URL [--as EMAIL] [--trace]     fetch a resource; its body goes to stdout, everything else to stderr
      -X, --method METHOD                another method than GET (or POST with --data)
      -d, --data TEXT|@FILE              send a body
      -H, --header 'NAME: VALUE'         send a header; may be repeated
      -o, --output FILE                  write the body to a file
          --owner EMAIL                  whose resource it is, if you know: your provider then checks whom it vouches to
          --wait DURATION                wait so long for an owner who is asked: 90s, 10m, 2h
          --claims-when-asked            say who you are only when the owner's server wants to know
          --dialect ticket-challenge     the binding of seed 002, for clients and servers that are configured for it
          --oauth-profile                a token exchange at the owner's server instead of the UMA grant
          --uma-1                        for resource servers that speak UMA 1.0 (drafts 05 and 07, 1.0.1)
  uma claims ISSUER                      show what an owner's authorization server remembers about you
  uma forget ISSUER ID|--all             make it forget that
  uma login --as EMAIL                   sign in with the browser and keep the token
  uma logout [--as EMAIL]                forget kept tokens
  uma whoami                             who is signed in
  uma discover EMAIL                     show which servers the domain of an e-mail address names
  uma help

What is yours (at your own authorization server)
  uma resources | shares                 list them
  uma share RESOURCE SCOPE...            share a resource: its id, or its URL
      --with EMAIL | --domain DOMAIN | --anyone [--unidentified]
      --ask                              ask me before somebody gets it
      --acr VALUE                        only after a sign-in of this level; may be repeated
      --until DURATION|DATE-TIME         for so long, or until then
  uma unshare SHARE                      take a share back
  uma requests                           who asks for something
  uma approve REQUEST [--scope SCOPE]... [--until DURATION|DATE-TIME]
  uma deny REQUEST

How you sign in
      --browser                          with the browser, even if the manifest has a password
      --no-browser                       print the URL instead of opening it
      --password-stdin                   development only: password from the first line of stdin
      --password-file FILE               development only: password from a file

Where the servers are (first match wins)
      --identity-provider URL --as-rqp URL --client-id ID [--client-secret-file FILE] [--redirect-uri URI] [--as-ro URL]
      --manifest FILE                    of a federation started with "npm start"; default .federation/manifest.json
      ~/.config/uma/config.json          see README.md

Exit codes
  0 done (2xx)                           4 more is needed: need_info, or the owner has been asked
  1 usage                                5 aborted: a server broke the rules that protect your identity
  2 sign-in failed                       6 a server could not be reached or answered nonsense
  3 denied (request_denied, 403)         7 another HTTP status of the resource     70 a fault in this program
`;
