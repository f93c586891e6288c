import SeededNumbers
import Testing

@testable import Git

struct GitAddressTests {
  @Test(arguments: [
    "https://github.com/owner/repo.git", "http://host/repo.git#main", "http://host/repo.git?ref=main#x",
    "git://host/repo", "ssh://git@host/repo", "git@host:owner/repo.git", "me@host:repo#v1:dir",
    "github.com/owner/repo",
    "git@anything",
  ])
  func `what names a repository is taken for one`(text: String) {
    #expect(GitAddress.isMeant(by: text))
  }

  @Test(arguments: [
    "https://host/context.tar.gz", "https://host/repo.git/archive", "https://host/x#repo.git", "./repo.git",
    "-", ".",
    "ext::sh -c id", "file:///repo.git", "/repo.git", "host:path", "@host:path", "a b@host:path",
    "ftp://host/repo.git",
    "user@:path", "HTTP://host/repo.git",
  ])
  func `what names none is not`(text: String) {
    #expect(!GitAddress.isMeant(by: text))
  }

  /// Text, remote, reference, directory.
  @Test(arguments: [
    ("https://h/r.git", "https://h/r.git", "", ""),
    ("https://h/r.git#", "https://h/r.git", "", ""),
    ("https://h/r.git#v1", "https://h/r.git", "v1", ""),
    ("https://h/r.git#v1:a/b", "https://h/r.git", "v1", "a/b"),
    ("https://h/r.git#:a//b/", "https://h/r.git", "", "a/b"),
    ("https://h/r.git#:/a", "https://h/r.git", "", "a"),
    ("https://h/r.git#:../../a/../b", "https://h/r.git", "", "b"),
    ("https://h/r.git#:..", "https://h/r.git", "", ""),
    ("https://h/r.git#a%2Fb:c%20d", "https://h/r.git", "a/b", "c d"),
    ("https://h/r.git?ref=main&subdir=docker", "https://h/r.git", "main", "docker"),
    ("https://h/r.git?branch=main", "https://h/r.git", "refs/heads/main", ""),
    ("https://h/r.git?tag=refs/tags/v1", "https://h/r.git", "refs/tags/v1", ""),
    ("https://u:p@h:8443/r.git#pull/7/head", "https://u:p@h:8443/r.git", "pull/7/head", ""),
    ("git@h:o/r.git#main:dir", "git@h:o/r.git", "main", "dir"),
    ("git@h:r%20x#a%2Fb", "git@h:r%20x", "a%2Fb", ""),
    ("github.com/o/r#dev", "https://github.com/o/r", "dev", ""),
  ])
  func `an address is taken apart`(text: String, remote: String, reference: String, directory: String) throws
  {
    let address = try GitAddress(text)
    #expect(address.remote == remote)
    #expect(address.reference == reference)
    #expect(address.directory == directory)
  }

  @Test(arguments: [
    ("https://h/r.git#-x", "begins with a dash"), ("https://h/r.git#--upload-pack=x", "begins with a dash"),
    ("https://h/r.git?ref=-x", "begins with a dash"), ("https://h/r.git#a..b", "it holds .."),
    ("https://h/r.git#a^b", "it holds ^"), ("https://h/r.git#%2Drf", "begins with a dash"),
    ("https://h/r.git#a%0Ab", "a space or a control character"),
    ("https://h/r.git#%zz", "hexadecimal digits"),
    ("https://h/r.git#%00", "hexadecimal digits"), ("https://h/r.git#a b", "written as %20"),
    ("ssh://-oProxyCommand=id/r", "host begins with a dash"),
    ("ssh://u@-oProxyCommand=id/r", "host begins with a dash"),
    ("git@-oProxyCommand:r", "host begins with a dash"), ("git@h:-r", "path begins with a dash"),
    ("https:///r.git", "host is missing"), ("git://h", "path is missing"), ("git@h", "path is missing"),
    ("https://h/r.git?x=1", "unexpected query \"x\""), ("https://h/r.git?ref=a&ref=b", "has multiple values"),
    ("https://h/r.git?ref=a#b", "ref conflicts"), ("https://h/r.git?subdir=a#:b", "subdir conflicts"),
    ("https://h/r.git?tag=a&branch=b", "ref conflicts"), ("https://h/r.git?ref", "has no value"),
    ("https://h/r.git?commit=xyz", "hexadecimal digits are expected"),
    ("https://h/r.git?keep-git-dir=maybe", "invalid keep-git-dir"), ("./x", "no git URL"),
    ("https://" + String(repeating: "a", count: 9000) + ".git", "longer than 8192 bytes"),
  ])
  func `what git could misunderstand is refused`(text: String, words: String) {
    do {
      let address = try GitAddress(text)
      Issue.record("\(text) was taken: \(address)")
    } catch {
      #expect("\(error)".contains(words), "\(error)")
    }
  }

  @Test func `the switches of a query are read`() throws {
    let address = try GitAddress("https://h/r.git?keep-git-dir&submodules=0&checksum=ABCDEF")
    #expect(address.keepsGitDirectory == true)
    #expect(!address.hasSubmodules)
    #expect(address.commit == "abcdef")
    #expect(try GitAddress("https://h/r.git").keepsGitDirectory == nil)
    #expect(address.keepsGitDirectory(buildArguments: [:]))
    #expect(
      try GitAddress("https://h/r.git").keepsGitDirectory(buildArguments: [
        "BUILDKIT_CONTEXT_KEEP_GIT_DIR": "1"
      ]))
    #expect(try GitAddress("https://h/r.git").requiring(commit: "12").commit == "12")
  }

  @Test func `a password is hidden in messages`() throws {
    #expect(try GitAddress("https://me:hunter2@h/r.git#x").shown == "https://me:xxxxx@h/r.git")
    #expect(try GitAddress("https://me@h/r.git").shown == "https://me@h/r.git")
    #expect(try GitAddress("git@h:a@b:c").shown == "git@h:a@b:c")
  }

  @Test func `a repository has its path's last name`() throws {
    #expect(try GitAddress("https://h/o/bar.git#x").name == "bar")
    #expect(try GitAddress("git@h:bar").name == "bar")
  }

  @Test func `no text makes an option, another transport or a way out`() {
    let pieces = [
      "https://", "http://", "git://", "ssh://", "git@", "github.com/", "ext::", "file://", "h", "a:b@", "-o",
      "--x", "/", ".git",
      "#", "?", "&", "=", ":", "..", "%2e", "%2F", "%2D", "%0a", "%", "ref", "tag", "subdir", "main", "\n",
      " ", "\u{0}", "é", "@",
    ]
    var random = SeededNumbers(seed: 20_260)
    for _ in 0..<60_000 {
      let text = (0..<Int.random(in: 1...9, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }
      .joined()
      // What is refused harms nobody.
      guard let address = try? GitAddress(text) else { continue }
      // Git takes `word::address` for a program, where the word has only these characters.
      let rest = address.remote.drop { $0.isLetter && $0.isASCII || $0.isNumber || "+-.".contains($0) }
      #expect(!rest.hasPrefix("::"), "\(text.debugDescription)")
      let schemes = ["https://", "http://", "git://", "ssh://"]
      let hasScheme = schemes.contains { address.remote.hasPrefix($0) }
      #expect(hasScheme || address.remote.contains("@"), "\(text.debugDescription)")
      #expect(!address.remote.hasPrefix("-"), "\(text.debugDescription)")
      #expect(!address.reference.hasPrefix("-"), "\(text.debugDescription)")
      #expect(!address.directory.split(separator: "/").contains(".."), "\(text.debugDescription)")
      #expect(!address.directory.hasPrefix("/"), "\(text.debugDescription)")
    }
  }
}
