import CSeccomp
import Linux
import OCISpec

/// Compiles a bundle's seccomp section to a BPF program (libseccomp(3)).
struct SeccompCompiler: ~Copyable {
  private let context: UnsafeMutableRawPointer
  private let defaultAction: UInt32
  private var highestCall: Int32 = -1

  private init(_ section: Bundle.Seccomp) throws(RuntimeError) {
    guard let action = SeccompActions.action(section.defaultAction, errno: section.defaultErrnoRet) else {
      throw RuntimeError(.invalid, "seccomp action \(section.defaultAction) is not supported")
    }
    guard let context = seccomp_init(action) else {
      throw RuntimeError(.failed, "seccomp_init: out of memory")
    }
    self.context = context
    defaultAction = action
  }

  deinit { seccomp_release(context) }

  /// The program's instructions, eight bytes each.
  static func compile(_ section: Bundle.Seccomp) throws(RuntimeError) -> [UInt8] {
    FilterInstruction.bytes(FilterReduction.reduce(try compileWhole(section)))
  }

  /// As libseccomp writes it.
  static func compileWhole(_ section: Bundle.Seccomp) throws(RuntimeError) -> [FilterInstruction] {
    var compiler = try SeccompCompiler(section)
    try compiler.add(architectures: section.architectures)
    // A binary tree instead of a chain: fewer instructions per system call.
    _ = seccomp_attr_set(compiler.context, SCMP_FLTATR_CTL_OPTIMIZE, 2)
    for rule in section.syscalls { try compiler.add(rule) }
    return compiler.unknownCallsFirst(FilterInstruction.program(try compiler.export()))
  }

  private func add(architectures names: [String]) throws(RuntimeError) {
    for name in names {
      guard let short = SeccompActions.architectureName(name) else {
        throw RuntimeError(.invalid, "seccomp architecture \(name) is not known")
      }
      let token = seccomp_arch_resolve_name(short)
      guard token != 0 else { throw RuntimeError(.invalid, "seccomp architecture \(name) is not known") }
      let result = seccomp_arch_add(context, token)
      guard result == 0 || result == -17 else { throw failure("add the architecture \(name)", result) }
    }
  }

  private mutating func add(_ rule: Bundle.SyscallRule) throws(RuntimeError) {
    guard let action = SeccompActions.action(rule.action, errno: rule.errnoRet) else {
      throw RuntimeError(.invalid, "seccomp action \(rule.action) is not supported")
    }
    if action == defaultAction { return }
    let groups = try comparisons(rule.args)
    for name in rule.names {
      let call = seccomp_syscall_resolve_name(name)
      // A call that libseccomp does not know.
      if call == -1 { continue }
      highestCall = max(highestCall, call)
      for group in groups {
        let result = seccomp_rule_add_array(context, action, call, UInt32(group.count), group)
        // -EEXIST: said twice. -EDOM: a call that only another architecture has.
        guard result == 0 || result == -17 || result == -33 else {
          throw failure("add the rule for \(name)", result)
        }
      }
    }
  }

  /// All conditions of a group must hold. Two on one argument cannot, so each then stands for itself.
  private func comparisons(_ arguments: [Bundle.SyscallArgument]) throws(RuntimeError) -> [[scmp_arg_cmp]] {
    var all: [scmp_arg_cmp] = []
    for argument in arguments {
      guard let number = SeccompActions.operators[argument.op], argument.index < 6 else {
        throw RuntimeError(
          .invalid, "seccomp comparison \(argument.op) of argument \(argument.index) is not known")
      }
      all.append(
        scmp_arg_cmp(
          arg: argument.index, op: scmp_compare(rawValue: number), datum_a: argument.value,
          datum_b: argument.valueTwo ?? 0))
    }
    return Set(arguments.map(\.index)).count == arguments.count ? [all] : all.map { [$0] }
  }

  private func export() throws(RuntimeError) -> [UInt8] {
    do throws(SyscallError) {
      let file = try memoryFile("seccomp")
      let result = seccomp_export_bpf(context, file.rawValue)
      guard result == 0 else {
        throw SyscallError(call: "seccomp_export_bpf", errno: Errno(rawValue: -result))
      }
      try file.seek(to: 0)
      return try file.readToEnd()
    } catch {
      throw RuntimeError(step: "compile the seccomp filter", error)
    }
  }

  /// Calls that are newer than any the profile names answer ENOSYS, so that programs fall back to older
  /// ones; the profile's refusal would make them fail.
  private func unknownCallsFirst(_ program: [FilterInstruction]) -> [FilterInstruction] {
    let refuses =
      defaultAction & 0xffff_0000 == 0x0005_0000 || defaultAction == 0 || defaultAction == 0x8000_0000
    guard refuses, highestCall >= 0 else { return program }
    #if arch(x86_64)
      let architecture: UInt32 = 0xc000_003e
    #else
      let architecture: UInt32 = 0xc000_00b7
    #endif
    typealias Instruction = FilterInstruction
    // Calls of x32 have bit 30 set and are left to the profile.
    let prefix = [
      Instruction(code: Instruction.load, value: Instruction.architectureOffset),
      Instruction(code: Instruction.ifEqual, no: 4, value: architecture),
      Instruction(code: Instruction.load, value: Instruction.numberOffset),
      Instruction(code: Instruction.ifAtLeast, yes: 2, value: 0x4000_0000),
      Instruction(code: Instruction.ifGreater, no: 1, value: UInt32(highestCall)),
      Instruction.answer(0x0005_0000 | 38),
    ]
    return prefix + program
  }

  private func failure(_ what: String, _ result: Int32) -> RuntimeError {
    RuntimeError(
      step: "compile the seccomp filter",
      SyscallError(call: "libseccomp", subject: what, errno: Errno(rawValue: -result)))
  }
}
