/// Example command lines for the help pages of commands that name none themselves.
enum Examples {
  /// By the path behind `skiff`, also by another path of the same command: `container stop` has those of `stop`.
  static func of(_ path: String) -> [String] {
    let words = path.split(separator: " ").dropFirst().map(String.init)
    if let own = all[words.joined(separator: " ")] { return own.map { "\(programName) \($0)" } }
    guard words.count == 2, let other = elsewhere[words.joined(separator: " ")] ?? words.last,
      let lines = all[other]
    else { return [] }
    return lines.map { "\(programName) \($0)" }
  }

  private static let elsewhere = [
    "container ls": "ps", "image ls": "images", "image rm": "rmi", "container list": "ps",
    "builder build": "build",
  ]

  private static let all: [String: [String]] = [
    // Containers
    "attach": ["attach web", "attach --detach-keys ctrl-x web"],
    "commit": ["commit -m 'with the tool' web app:patched"],
    "cp": ["cp web:/etc/nginx/nginx.conf .", "cp index.html web:/usr/share/nginx/html/"],
    "diff": ["diff web"],
    "exec": ["exec -it web sh", "exec -e DEBUG=1 -w /srv web ./check"],
    "export": ["export web > web.tar", "export -o web.tar web"],
    "inspect": ["inspect web", "inspect -f '{{.State.Status}}' web"],
    "kill": ["kill web", "kill -s HUP web"],
    "logs": ["logs -f --tail 20 web", "logs --since 10m web"],
    "pause": ["pause web"],
    "port": ["port web", "port web 80/tcp"],
    "ps": ["ps -a", "ps --filter status=exited --format '{{.Names}}: {{.Status}}'"],
    "rename": ["rename web old-web"],
    "restart": ["restart web", "restart -t 2 web worker"],
    "rm": ["rm web", "rm -f -v web worker"],
    "start": ["start web", "start -ai console"],
    "stats": ["stats", "stats --no-stream web"],
    "stop": ["stop web", "stop -t 2 web worker"],
    "top": ["top web", "top web -o pid,user,args"],
    "unpause": ["unpause web"],
    "update": ["update --memory 512m --memory-swap 512m web", "update --restart unless-stopped web"],
    "wait": ["wait job"],
    "container prune": ["container prune -f --filter until=24h"],
    "container inspect": ["container inspect -f '{{json .NetworkSettings.Ports}}' web"],
    // Images
    "history": ["history app:1", "history --no-trunc app:1"],
    "images": ["images", "images --filter dangling=true -q"],
    "import": ["import web.tar app:flat", "import -c 'CMD [\"sh\"]' - app:flat < web.tar"],
    "load": ["load -i app.tar", "load < app.tar"],
    "login": ["login registry.example.org", "login -u me --password-stdin registry.example.org < token"],
    "logout": ["logout registry.example.org"],
    "pull": ["pull nginx:alpine", "pull -q registry.example.org/team/app:1"],
    "push": ["push registry.example.org/team/app:1"],
    "rmi": ["rmi app:1", "rmi -f app:1 app:2"],
    "save": ["save -o app.tar app:1", "save app:1 app:2 | gzip > apps.tar.gz"],
    "search": ["search --limit 5 nginx"],
    "tag": ["tag app:1 registry.example.org/team/app:1"],
    "image prune": ["image prune -f", "image prune -a --filter until=240h"],
    "image inspect": ["image inspect -f '{{json .Config.Env}}' app:1"],
    "builder prune": ["builder prune -f"],
    // Networks and volumes
    "network connect": ["network connect --alias db back postgres"],
    "network create": ["network create back", "network create --subnet 10.5.0.0/24 --gateway 10.5.0.1 back"],
    "network disconnect": ["network disconnect back postgres"],
    "network inspect": ["network inspect -f '{{range .Containers}}{{.Name}} {{end}}' back"],
    "network ls": ["network ls --filter type=custom"],
    "network prune": ["network prune -f"],
    "network rm": ["network rm back"],
    "volume create": ["volume create data", "volume create --label keep=yes data"],
    "volume inspect": ["volume inspect -f '{{.Mountpoint}}' data"],
    "volume ls": ["volume ls --filter dangling=true"],
    "volume prune": ["volume prune -f", "volume prune -a --filter label!=keep"],
    "volume rm": ["volume rm data"],
    // The engine and its contexts
    "events": ["events --since 10m --filter type=container", "events --format '{{json .}}'"],
    "info": ["info", "info --format '{{.Driver}}'"],
    "version": ["version", "version --format '{{.Server.Version}}'"],
    "system df": ["system df", "system df -v"],
    "system prune": ["system prune -f", "system prune -a --volumes"],
    "system dial-stdio": ["ssh host skiff system dial-stdio"],
    "context create": ["context create other --docker host=ssh://me@other"],
    "context export": ["context export other"],
    "context inspect": ["context inspect -f '{{.Endpoints.docker.Host}}' other"],
    "context ls": ["context ls"],
    "context show": ["context show"],
    "context use": ["context use other"],
  ]
}
