/// Example command lines for the help pages.
enum ComposeExamples {
  /// By the command's name; `path` is how `compose` was reached, its name included.
  static func of(_ name: String, _ path: String) -> [String] {
    let compose = path.split(separator: " ").dropLast().joined(separator: " ")
    return (all[name] ?? []).map { "\(compose) \($0)" }
  }

  private static let all: [String: [String]] = [
    "attach": ["attach web"],
    "build": ["build", "build --no-cache web"],
    "commit": ["commit web app:patched"],
    "config": ["config", "config --services", "-f compose.yaml -f compose.prod.yaml config"],
    "cp": ["cp web:/etc/nginx/nginx.conf .", "cp index.html web:/usr/share/nginx/html/"],
    "create": ["create", "create --build web"],
    "down": ["down", "down -v --rmi local"],
    "events": ["events --json web"],
    "exec": ["exec web sh", "exec -T db pg_dump -U app app > dump.sql"],
    "export": ["export -o web.tar web"],
    "images": ["images", "images -q web"],
    "kill": ["kill -s HUP web"],
    "logs": ["logs -f --tail 20 web", "logs --no-log-prefix db"],
    "ls": ["ls -a"],
    "pause": ["pause web"],
    "port": ["port web 80", "port --index 2 web 80"],
    "ps": ["ps -a", "ps --format json web"],
    "pull": ["pull", "pull -q db"],
    "push": ["push web"],
    "restart": ["restart -t 2 web"],
    "rm": ["rm -s -f web"],
    "run": ["run --rm web python manage.py migrate", "run --rm -p 8081:80 web"],
    "scale": ["scale web=3"],
    "start": ["start web"],
    "stats": ["stats --no-stream"],
    "stop": ["stop -t 2", "stop web"],
    "top": ["top web"],
    "unpause": ["unpause web"],
    "up": ["up -d --build", "up --scale web=3 --wait"],
    "version": ["version --short"],
    "volumes": ["volumes"],
    "wait": ["wait job"],
    "watch": ["watch", "watch --no-up web"],
  ]
}
