/// What the scanner makes of the text.
struct Token {
  enum Kind: Equatable {
    case streamEnd
    case versionDirective(Int, Int)
    case tagDirective(handle: String, prefix: String)
    case documentStart, documentEnd
    case blockSequenceStart, blockMappingStart, blockEnd
    case flowSequenceStart, flowSequenceEnd, flowMappingStart, flowMappingEnd
    case blockEntry, flowEntry, key, value
    case alias(String)
    case anchor(String)
    case tag(handle: String, suffix: String)
    case scalar(String, YAMLNode.ScalarStyle)
  }

  let kind: Kind
  let start: Mark
}
