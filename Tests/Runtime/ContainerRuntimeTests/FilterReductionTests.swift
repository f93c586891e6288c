import CSeccomp
import OCISpec
import SeededNumbers
import Testing

@testable import ContainerRuntime

/// The reduced program answers every call as the one that it was made from.
@Suite struct FilterReductionTests {
  /// What the kernel makes of a program (seccomp(2)); nil where it would refuse to load it.
  private func answer(
    _ program: [FilterInstruction], _ number: UInt32, _ architecture: UInt32, _ arguments: [UInt64]
  ) -> UInt32? {
    var accumulator: UInt32 = 0
    var index = 0
    while program.indices.contains(index) {
      let one = program[index]
      index += 1
      switch one.code {
      case FilterInstruction.answer: return one.value
      case FilterInstruction.jump: index += Int(one.value)
      case FilterInstruction.and: accumulator &= one.value
      case FilterInstruction.load:
        switch one.value {
        case 0: accumulator = number
        case 4: accumulator = architecture
        case 16..<64:
          let argument = arguments[Int(one.value - 16) / 8]
          accumulator = UInt32(truncatingIfNeeded: one.value % 8 == 0 ? argument : argument >> 32)
        default: return nil
        }
      default:
        guard one.isComparison else { return nil }
        index += Int(one.holds(accumulator) ? one.yes : one.no)
      }
    }
    return nil
  }

  private static let architectures: [UInt32] = [0xc000_003e, 0x4000_0003, 0xc000_00b7, 0x4000_0028, 0]

  /// Compares the two for all numbers that are near one which the first looks at, and for all near values of
  /// arguments.
  private func isTheSame(
    _ whole: [FilterInstruction], _ reduced: [FilterInstruction], _ numbers: inout SeededNumbers
  ) -> Bool {
    var values: Set<UInt32> = [0, 1, .max, 500, 0x4000_0000]
    for one in whole where one.isComparison { values.formUnion([one.value &- 1, one.value, one.value &+ 1]) }
    let all = values.sorted()
    for architecture in Self.architectures {
      for number in all {
        for _ in 0..<8 {
          let arguments = (0..<6).map { _ in
            UInt64(all.randomElement(using: &numbers) ?? 0)
              | UInt64(Bool.random(using: &numbers) ? 0 : all.randomElement(using: &numbers) ?? 0) << 32
          }
          let (left, right) = (
            answer(whole, number, architecture, arguments), answer(reduced, number, architecture, arguments)
          )
          if left == nil || left != right {
            Issue.record("call \(number) of \(architecture), \(arguments): \(left ?? 1) became \(right ?? 1)")
            return false
          }
        }
      }
    }
    return true
  }

  private static let calls = [
    "read", "write", "open", "close", "stat", "poll", "lseek", "mmap", "brk", "ioctl", "access", "pipe",
    "dup", "socket", "connect", "clone", "fork", "execve", "exit", "kill", "personality", "mount", "reboot",
    "setns", "unshare", "clone3", "openat2", "futex", "ptrace", "keyctl", "bpf", "io_uring_setup", "prctl",
    "umask", "getpid", "sync", "ipc", "socketcall", "semtimedop", "process_vm_readv",
  ]
  private static let actions = [
    "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_LOG", "SCMP_ACT_TRAP",
    "SCMP_ACT_TRACE",
  ]
  private static let comparisons = [
    "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT",
    "SCMP_CMP_MASKED_EQ",
  ]

  private func section(_ numbers: inout SeededNumbers) -> Bundle.Seccomp {
    func one(_ words: [String]) -> String { words.randomElement(using: &numbers) ?? "" }
    var section = Bundle.Seccomp(defaultAction: one(Self.actions))
    let architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64"]
    section.architectures = architectures.filter { _ in Bool.random(using: &numbers) }
    for _ in 0..<Int.random(in: 1...12, using: &numbers) {
      let names = (0..<Int.random(in: 1...20, using: &numbers)).map { _ in one(Self.calls) }
      var rule = Bundle.SyscallRule(
        names: names, action: one(Self.actions), errnoRet: UInt32.random(in: 1...40, using: &numbers))
      for index in 0..<UInt32.random(in: 0...2, using: &numbers) {
        rule.args.append(
          Bundle.SyscallArgument(
            index: index,
            value: UInt64.random(in: 0...3, using: &numbers) << UInt64.random(in: 0...33, using: &numbers),
            valueTwo: UInt64.random(in: 0...5, using: &numbers), op: one(Self.comparisons)))
      }
      section.syscalls.append(rule)
    }
    return section
  }

  @Test func `profiles made at random`() throws {
    var numbers = SeededNumbers(seed: 11)
    var rewrittenCount = 0
    for _ in 0..<60 {
      let section = section(&numbers)
      let whole = try SeccompCompiler.compileWhole(section)
      // Smaller or not.
      guard let reduced = FilterReduction.rewritten(whole) else { continue }
      rewrittenCount += 1
      guard isTheSame(whole, reduced, &numbers) else {
        Issue.record("\(section)")
        return
      }
    }
    #expect(rewrittenCount > 55)
  }

  /// The few bytes of the copy are never given back.
  private func name(_ number: Int32) -> String? {
    seccomp_syscall_resolve_num_arch(seccomp_arch_native(), number).map { String(cString: $0) }
  }

  @Test func `of a profile with two hundred calls less than a third is left`() throws {
    var section = Bundle.Seccomp(
      defaultAction: "SCMP_ACT_ERRNO", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"])
    let refused: Set<Int32> = [
      101, 134, 139, 155, 156, 165, 166, 167, 168, 169, 175, 176, 212, 246, 298, 321,
    ]
    section.syscalls = [
      Bundle.SyscallRule(
        names: (0..<335).filter { !refused.contains($0) }.compactMap(name),
        action: "SCMP_ACT_ALLOW"),
      Bundle.SyscallRule(
        names: ["personality"], action: "SCMP_ACT_ALLOW",
        args: [.init(index: 0, value: 0, op: "SCMP_CMP_EQ"), .init(index: 0, value: 8, op: "SCMP_CMP_EQ")]),
    ]
    let whole = try SeccompCompiler.compileWhole(section)
    let reduced = FilterReduction.reduce(whole)
    var numbers = SeededNumbers(seed: 1)
    #expect(isTheSame(whole, reduced, &numbers))
    #expect(reduced.count * 3 < whole.count)
  }

  @Test func `a program that is not understood stays as it is`() {
    let strange = [
      FilterInstruction(code: FilterInstruction.load, value: 0),
      FilterInstruction(code: FilterInstruction.and, value: 7),
      FilterInstruction(code: FilterInstruction.ifEqual, yes: 1, value: 3),
      FilterInstruction.answer(0x7fff_0000), FilterInstruction.answer(0),
    ]
    #expect(FilterReduction.reduce(strange) == strange)
  }
}
