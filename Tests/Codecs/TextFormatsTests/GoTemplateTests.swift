import JSON
import Testing

@testable import TextFormats

private let data: JSONValue = [
  "Name": "/web", "State": ["Running": true, "Pid": 42, "Ratio": 1.5], "Names": ["a", "b"], "Empty": [],
  "Labels": ["x.y": "1", "k": "v"], "Ports": ["80/tcp": [["HostPort": "8080"]], "81/tcp": nil],
  "Text": "Hello big World", "Policy": ["Name": "no", "MaximumRetryCount": 0], "Wait": 90_000_000_000,
  "Log": ["Type": "json-file", "Config": [:]], "Nothing": nil,
]
private let fields: GoFields = {
  var fields = GoFields()
  fields.absent = ["Absent": "", "Health": "<nil>"]
  fields.lists = ["Nothing"]
  fields.durations = ["Wait"]
  fields.spellings = ["ID": "Id"]
  return fields
}()

struct GoTemplateTests {
  static let cases: [(String, String)] = [
    ("plain", "plain"), ("{{.Name}}", "/web"), ("{{ .State.Pid }}!", "42!"), ("{{.State.Ratio}}", "1.5"),
    ("{{.Names}}", "[a b]"),
    ("{{.Labels}}", "map[k:v x.y:1]"), ("{{json .Names}}", #"["a","b"]"#), ("{{json .Name}}", "\"/web\""),
    ("{{.Names | json}}", #"["a","b"]"#),
    ("{{if .State.Running}}up{{else}}down{{end}}", "up"),
    ("{{if .Empty}}a{{else if .Names}}b{{else}}c{{end}}", "b"),
    ("{{range .Names}}<{{.}}>{{end}}", "<a><b>"),
    ("{{range $i, $n := .Names}}{{$i}}={{$n}};{{end}}", "0=a;1=b;"),
    ("{{range $k, $v := .Labels}}{{$k}}={{$v}},{{end}}", "k=v,x.y=1,"),
    ("{{range .Empty}}x{{else}}none{{end}}", "none"),
    ("{{with .State}}{{.Pid}}{{$.Name}}{{end}}", "42/web"), ("{{with .Empty}}x{{else}}y{{end}}", "y"),
    ("{{index .Labels \"x.y\"}}", "1"), ("{{index .Names 1}}", "b"),
    ("{{(index (index .Ports \"80/tcp\") 0).HostPort}}", "8080"),
    ("{{index .Labels \"no\"}}", ""), ("{{len .Names}}", "2"), ("{{len .Name}}", "4"),
    ("{{printf \"%s-%05d|%-4s|%4s|%q\" .Name .State.Pid \"a\" \"b\" \"c\"}}", "/web-00042|a   |   b|\"c\""),
    ("{{printf \"%.2f %x %t %v %%\" 1.255 255 true .Names}}", "1.25 ff true [a b] %"),
    ("{{join .Names \",\"}}", "a,b"), ("{{upper .Name}}{{lower \"AB\"}}", "/WEBab"),
    ("{{title \"big world\"}}", "Big World"), ("{{split \"a:b\" \":\"}}", "[a b]"),
    ("{{println 1 2}}", "1 2\n"), ("{{print 1 2 \"a\" 3}}", "1 2a3"),
    (
      "{{eq .Name \"/web\"}} {{eq 1 2 1}} {{ne 1 2}} {{lt 1 2}} {{ge \"b\" \"a\"}}",
      "true true true true true"
    ),
    ("{{and .State.Running .Name}} {{or .Empty \"x\"}} {{not .Empty}}", "/web x true"),
    ("a {{- .Name -}} b", "a/webb"), ("{{/* no */}}x{{- /* no */ -}}  y", "xy"),
    ("{{$x := .Name}}{{$x}}{{if true}}{{$x = \"z\"}}{{end}}{{$x}}", "/webz"),
    ("{{range .Names}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "a"),
    ("{{range .Names}}{{if eq . \"a\"}}{{continue}}{{end}}{{.}}{{end}}", "b"),
    ("{{.State | json | len}}", "37"), ("{{`raw\\n`}}", "raw\\n"),
    ("{{truncate .Name 2}}{{pad \"x\" 1 2}}|", "/w x  |"), ("{{\"a\\tb\"}}", "a\tb"),
    ("{{slice .Text 0 5}}", "Hello"), ("{{.Labels.none}} {{.Labels.none.more}}", "<no value> <no value>"),
    ("{{index .Name 1}} {{'a'}} {{len .Ports}}", "119 97 2"),
    ("{{define \"t\"}}<{{.}}>{{end}}{{template \"t\" .Name}}{{block \"b\" 5}}{{.}}{{end}}", "</web>5"),
    ("{{html \"<a>\"}} {{js \"a'b<\"}} {{urlquery \"a b&c\"}}", "&lt;a&gt; a\\'b\\u003C a+b%26c"),
    (
      "{{.Policy}} {{.Log}} {{.Wait}} {{.Nothing}} {{.Absent}}|{{json .Nothing}}",
      "{no 0} {json-file map[]} 1m30s [] |null"
    ),
    ("{{range $p, $b := .Ports}}{{$p}}{{range $b}} {{.HostPort}}{{end}};{{end}}", "80/tcp 8080;81/tcp;"),
  ]

  @Test(arguments: cases)
  func `templates give what Go's give`(template: String, expected: String) throws {
    #expect(try GoTemplate(template).render(data, fields: fields) == expected)
  }

  static let faults: [(String, String)] = [
    ("{{.Foo}}", "template: :1:2: executing \"\" at <.Foo>: map has no entry for key \"Foo\""),
    ("{{", "template: :1: unclosed action"),
    ("a\n{{foo}}", "template: :2: function \"foo\" not defined"),
    ("{{.Name", "template: :1: unclosed action"), ("{{if .Name}}", "template: :1: unexpected EOF"),
    ("{{end}}", "template: :1: unexpected {{end}}"), ("{{}}", "template: :1: missing value for command"),
    ("{{.State.Nope}}", "template: :1:8: executing \"\" at <.State.Nope>: map has no entry for key \"Nope\""),
    (
      "{{index .Names 5}}",
      "template: :1:2: executing \"\" at <index .Names 5>: error calling index: index out of range: 5"
    ),
    (
      "{{.State.Nope.Deep}}",
      "template: :1:8: executing \"\" at <.State.Nope.Deep>: map has no entry for key \"Nope\""
    ),
    (
      "{{join .Name \",\"}}",
      "template: :1:7: executing \"\" at <.Name>: wrong type for value; expected []string; got string"
    ),
    ("{{upper 5}}", "template: :1:8: executing \"\" at <5>: expected string; found 5"),
    (
      "{{split .Name}}",
      "template: :1:2: executing \"\" at <split>: wrong number of args for split: want 2 got 1"
    ),
    (
      "{{eq .Name 1}}",
      "template: :1:2: executing \"\" at <eq .Name 1>: error calling eq: incompatible types for comparison"
    ),
    ("{{range .Name}}{{end}}", "template: :1:8: executing \"\" at <.Name>: range can't iterate over /web"),
    (
      "{{template \"no\"}}",
      "template: :1:11: executing \"\" at <{{template \"no\"}}>: template \"no\" not defined"
    ),
    (
      "{{define \"t\"}}{{template \"t\"}}{{end}}{{template \"t\"}}",
      "template: :1:25: executing \"\" at <{{template \"t\"}}>: exceeded maximum template depth (100)"
    ),
    ("{{nil}}", "template: :1:2: executing \"\" at <nil>: nil is not a command"),
    ("{{.Name}", "template: :1: bad character U+007D '}'"),
    ("{{range}}{{end}}", "template: :1: missing value for range"),
    ("{{$x}}", "template: :1: undefined variable \"$x\""),
    ("{{\"a}}", "template: :1: unterminated quoted string"),
    ("{{break}}", "template: :1: {{break}} outside {{range}}"),
  ]

  @Test(arguments: faults)
  func `faults are told as Go tells them`(template: String, message: String) {
    #expect {
      try GoTemplate(template).render(data)
    } throws: { "\($0)" == message }
  }

  @Test func `a field has the name that Go gives it, beside that of JSON`() throws {
    let data = TemplateValue.json(["Id": "abc"])
    #expect(
      try GoTemplate("{{.ID}} {{.Id}} {{printf \"%.2s\" .ID}}").render(data, fields: fields) == "abc abc ab")
    #expect(throws: TemplateError.self) { try GoTemplate("{{.iD}}").render(data, fields: fields) }
  }

  @Test func `records have methods, and keys may be optional`() throws {
    let record = TemplateRecord(
      [("ID", "abc"), ("Labels", "a=b")], methods: ["Label": { "<\($0)>" }], typeName: "*a.row")
    #expect(
      try GoTemplate("{{.ID}} {{.Label \"a\"}} {{json .}}").render(.record(record))
        == #"abc <a> {"ID":"abc","Labels":"a=b"}"#)
    #expect {
      try GoTemplate("{{.Nope}}").render(.record(record))
    } throws: { "\($0)".hasSuffix("can't evaluate field Nope in type *a.row") }
    #expect {
      try GoTemplate("{{.Label}}").render(.record(record))
    } throws: { "\($0)".hasSuffix("wrong number of args for Label: want 1 got 0") }
    #expect(try GoTemplate("{{if .Health}}x{{else}}y{{end}}").render(data, fields: fields) == "y")
  }

  @Test func `random texts never trap`() {
    var state: UInt64 = 11
    let pieces = [
      "{{", "}}", ".", "Name", "|", "json", "(", ")", "$x", ":=", "\"", "range", "if", "end", "else", " ",
      "1", "-", "index", "printf", "%", "/*", "*/",
    ]
    for _ in 0..<3000 {
      var text = ""
      for _ in 0..<12 {
        state = state &* 6_364_136_223_846_793_005 &+ 1
        text += pieces[Int(state >> 33) % pieces.count]
      }
      // Most are broken; only a trap would be a fault.
      _ = try? GoTemplate(text).render(data)
    }
    #expect(throws: TemplateError.self) {
      try GoTemplate(String(repeating: "{{(", count: 1) + String(repeating: "(", count: 5000))
    }
  }
}
