import Archive
import CCurl
import Linux
import OCISpec

/// What is asked of a server.
struct WebRequest: Sendable {
  enum Body: Sendable {
    case none
    case bytes([UInt8])
    /// A source of exactly that many bytes.
    case source(any ByteSource, size: Int64)
  }

  var method = "GET"
  var url: String
  var headers: [(name: String, value: String)] = []
  var body = Body.none
  /// Goes on from there, where an earlier attempt broke off.
  var offset: Int64 = 0
  /// A registry on this machine may show any certificate.
  var verifiesPeer = true
  /// A file of certificates to trust instead of the system's.
  var certificates: String?

  /// `Get`, `Head`: the method as Go's messages write it.
  var verb: String { method.prefix(1) + method.dropFirst().lowercased() }
}

/// The start of an answer.
struct WebResponse: Sendable {
  /// What was asked, as messages name it: `Get`, and the URL.
  var method = ""
  var url = ""
  var status = 0
  var headers: [(name: String, value: String)] = []

  /// The first value of a header; the name in lower case.
  func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
  func all(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }
}

/// One HTTP exchange by libcurl, driven by whoever reads: bytes come from the socket when they are asked for.
/// It blocks, and only one thread may use it at a time; `cancel` may be called from any. Proxies come from the environment.
final class Transfer: ByteSource, @unchecked Sendable {
  private static let isReady = ccurl_global_init() == CURLE_OK

  private let request: WebRequest
  private let easy: UnsafeMutableRawPointer
  private let multi: UnsafeMutableRawPointer
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private let errorText: UnsafeMutablePointer<CChar>
  private var response = WebResponse()
  private var headIsWhole = false
  private var inbox: [UInt8] = []
  private var outcome: CURLcode?
  private var upload: ArraySlice<UInt8> = []
  private var uploadSource: (any ByteSource)?
  private var uploadError: (any Error)?
  private let stop: StopFlag

  init(_ request: WebRequest, stop: StopFlag) {
    precondition(Self.isReady, "libcurl cannot start")
    guard let easy = curl_easy_init(), let multi = curl_multi_init() else { fatalError("out of memory") }
    self.request = request
    self.easy = easy
    self.multi = multi
    self.stop = stop
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    configure()
    configureBody()
    curl_multi_add_handle(multi, easy)
  }

  deinit {
    curl_multi_remove_handle(multi, easy)
    curl_multi_cleanup(multi)
    curl_easy_cleanup(easy)
    curl_slist_free_all(headerList)
    errorText.deallocate()
  }

  private func configure() {
    ccurl_set_string(easy, CURLOPT_URL, request.url)
    ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method)
    if request.method == "HEAD" { ccurl_set_long(easy, CURLOPT_NOBODY, 1) }
    ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, request.method == "GET" || request.method == "HEAD" ? 1 : 0)
    ccurl_set_long(easy, CURLOPT_MAXREDIRS, 5)
    let isPlain = request.url.hasPrefix("http:")
    ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, isPlain ? "http" : "https")
    ccurl_set_string(easy, CURLOPT_REDIR_PROTOCOLS_STR, isPlain ? "http,https" : "https")
    ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    // A proxy's localhost is another.
    if RegistryHost.isLoopback(WebAddress(request.url).host) { ccurl_set_string(easy, CURLOPT_NOPROXY, "*") }
    // Names and connections that take longer are not there; the time includes the look-up of the name.
    ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, 5000)
    ccurl_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1)
    ccurl_set_long(easy, CURLOPT_LOW_SPEED_TIME, 60)
    ccurl_set_long(easy, CURLOPT_BUFFERSIZE, 256 << 10)
    ccurl_set_string(easy, CURLOPT_USERAGENT, "skiff")
    if !request.verifiesPeer {
      ccurl_set_long(easy, CURLOPT_SSL_VERIFYPEER, 0)
      ccurl_set_long(easy, CURLOPT_SSL_VERIFYHOST, 0)
    } else if let certificates = request.certificates {
      ccurl_set_string(easy, CURLOPT_CAINFO, certificates)
    }
    if request.offset > 0 { ccurl_set_string(easy, CURLOPT_RANGE, "\(request.offset)-") }
    for header in request.headers {
      headerList = curl_slist_append(headerList, "\(header.name): \(header.value)")
    }
    // Without this curl waits a second for a 100 that many servers never send.
    headerList = curl_slist_append(headerList, "Expect:")
    ccurl_set_pointer(easy, CURLOPT_HTTPHEADER, headerList)
    ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    let me = Unmanaged.passUnretained(self).toOpaque()
    ccurl_set_pointer(easy, CURLOPT_HEADERDATA, me)
    ccurl_set_pointer(easy, CURLOPT_WRITEDATA, me)
    ccurl_set_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, user in
      guard let bytes, let user else { return 0 }
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue().takeHeader(line)
      return count
    }
    ccurl_set_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, user in
      guard let bytes, let user else { return 0 }
      let transfer = Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
      transfer.headIsWhole = true
      transfer.inbox += UnsafeRawBufferPointer(start: bytes, count: size * count)
      return count
    }
  }

  private func configureBody() {
    let size: Int64
    switch request.body {
    case .none: return
    case .bytes(let bytes):
      upload = bytes[...]
      size = Int64(bytes.count)
    case .source(let source, let count):
      uploadSource = source
      size = count
    }
    ccurl_set_long(easy, CURLOPT_UPLOAD, 1)
    ccurl_set_size(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(size))
    ccurl_set_pointer(easy, CURLOPT_READDATA, Unmanaged.passUnretained(self).toOpaque())
    ccurl_set_callback(easy, CURLOPT_READFUNCTION) { room, size, count, user in
      guard let room, let user else { return Int(CURL_READFUNC_ABORT) }
      let space = UnsafeMutableRawBufferPointer(start: room, count: size * count)
      return Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue().giveBody(space)
    }
  }

  private func giveBody(_ space: UnsafeMutableRawBufferPointer) -> Int {
    do {
      if upload.isEmpty, let uploadSource { upload = try uploadSource.read(upTo: space.count)[...] }
    } catch {
      uploadError = error
      return Int(CURL_READFUNC_ABORT)
    }
    let some = upload.prefix(space.count)
    space.copyBytes(from: some)
    upload = upload.dropFirst(some.count)
    return some.count
  }

  private func takeHeader(_ line: UnsafeRawBufferPointer) {
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("HTTP/") {
      response = WebResponse()
      response.status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      return
    }
    if let colon = text.firstIndex(of: ":") {
      let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      response.headers.append((text[..<colon].lowercased(), String(value.prefix { !$0.isNewline })))
      return
    }
    let isRedirect = (300..<400).contains(response.status) && response.header("location") != nil
    let follows = request.method == "GET" || request.method == "HEAD"
    headIsWhole = response.status >= 200 && !(isRedirect && follows)
  }

  /// Sends the request and waits for the start of the answer.
  func head() throws -> WebResponse {
    while !headIsWhole, outcome == nil { try drive() }
    try checkOutcome()
    response.method = request.verb
    response.url = request.url
    return response
  }

  func read(upTo count: Int) throws -> [UInt8] {
    while inbox.isEmpty, outcome == nil { try drive() }
    if inbox.isEmpty {
      try checkOutcome()
      return []
    }
    if inbox.count <= count {
      defer { inbox = [] }
      return inbox
    }
    defer { inbox.removeFirst(count) }
    return Array(inbox.prefix(count))
  }

  private func checkOutcome() throws {
    if let uploadError { throw uploadError }
    guard let outcome, outcome != CURLE_OK else { return }
    throw TransferError(
      request, outcome, systemError: Int32(truncatingIfNeeded: ccurl_get_long(easy, CURLINFO_OS_ERRNO)), text)
  }

  private var text: String {
    let said = String(cString: errorText)
    return said.isEmpty ? String(cString: curl_easy_strerror(outcome ?? CURLE_OK)) : said
  }

  private func drive() throws {
    if stop.isSet { throw CancellationError() }
    var running: CInt = 0
    curl_multi_perform(multi, &running)
    var left: CInt = 0
    while let message = curl_multi_info_read(multi, &left) {
      if message.pointee.msg == CURLMSG_DONE { outcome = ccurl_result(message) }
    }
    if running == 0 && outcome == nil { outcome = CURLE_OK }
    if running > 0 && inbox.isEmpty { curl_multi_poll(multi, nil, 0, 500, nil) }
  }
}
