import EngineErrors
import Testing

@testable import Networks

struct NetworkRecordTests {
  private func complaint(_ option: String, _ value: String) -> String {
    var record = NetworkRecord(id: "i", name: "n", created: "", driver: .bridge)
    record.options = [option: value]
    do throws(EngineError) { try record.checkOptions() } catch { return error.message }
    return ""
  }

  @Test func `options whose values mean nothing are refused`() {
    for option in [NetworkRecord.Option.interContainer, NetworkRecord.Option.masquerade] {
      #expect(
        complaint(option, "no")
          == "failed to parse \(option) value: no (strconv.ParseBool: parsing \"no\": invalid syntax)")
      #expect(complaint(option, "False") == "" && complaint(option, "1") == "")
    }
    let host = NetworkRecord.Option.hostAddress
    #expect(complaint(host, "localhost") == "failed to parse \(host) value: localhost (nil ip)")
    #expect(complaint(host, "127.0.0.1") == "" && complaint(host, "::1") == "")
    #expect(complaint(NetworkRecord.Option.mtu, "12") != "" && complaint("other", "no") == "")
  }

  @Test func `a network does what its options say, and what is usual where they say nothing`() {
    var record = NetworkRecord(id: "i", name: "n", created: "", driver: .bridge)
    #expect(record.allowsTrafficInside && record.masquerades)
    record.options = [NetworkRecord.Option.interContainer: "F", NetworkRecord.Option.masquerade: "0"]
    #expect(!record.allowsTrafficInside && !record.masquerades)
    record.options = [:]
    record.isInternal = true
    #expect(!record.masquerades)
  }
}
