/** What `uma help` prints. */
export const HELP_TEXT = `uma: fetch what people of other organisations share with you

  uma get URL [--as EMAIL] [--trace]     fetch a resource; its body goes to stdout, everything else to stderr
      -X, --method METHOD                another method than GET (or POST with --data)
      -d, --data TEXT|@FILE              send a body
      -H, --header 'NAME: VALUE'         send a header; may be repeated
      -o, --output FILE                  write the body to a file
          --owner EMAIL                  whose resource it is, if you know: your provider then checks whom it vouches to
  uma login --as EMAIL                   sign in with the browser and keep the token
  uma logout [--as EMAIL]                forget kept tokens
  uma whoami                             who is signed in
  uma discover EMAIL                     show which servers the domain of an e-mail address names
  uma help

How you sign in (get, login)
      --browser                          with the browser, even if the manifest has a password
      --no-browser                       print the URL instead of opening it
      --password-stdin                   development only: password from the first line of stdin
      --password-file FILE               development only: password from a file

Where the servers are (first match wins)
      --identity-provider URL --as-rqp URL --client-id ID [--client-secret-file FILE] [--redirect-uri URI]
      --manifest FILE                    of a federation started with "npm start"; default .federation/manifest.json
      ~/.config/uma/config.json          see README.md

Exit codes
  0 done (2xx)                           4 more is needed: need_info, or the owner has been asked
  1 usage                                5 aborted: a server broke the rules that protect your identity
  2 sign-in failed                       6 a server could not be reached or answered nonsense
  3 denied (request_denied, 403)         7 another HTTP status of the resource     70 a fault in this program
`;
