import Cgroups
import Linux
import ShimProtocol

/// Where a process gets its standard streams from.
enum ProcessConsole {
  /// The child's ends, owned by the caller.
  case streams(stdin: Int32, stdout: Int32, stderr: Int32)
  case terminal(ConsoleSize?)
}

/// A process that was made.
struct DrivenProcess {
  /// As the shim sees it; a child of the shim.
  let pid: Int32
  /// The master of its terminal, owned by the receiver.
  let terminal: Int32?
}

/// What a shim needs of a container runtime. Calls block, briefly.
protocol ContainerDriver {
  /// Makes the container with its first process, which waits for `start`.
  func create(_ console: ProcessConsole) throws(ShimFailure) -> DrivenProcess
  func start() throws(ShimFailure)
  func exec(_ spec: ExecSpec, _ console: ProcessConsole) throws(ShimFailure) -> DrivenProcess
  /// The probe's process as the container's own would run: same user, environment and directory.
  func probe(_ arguments: [String], _ console: ProcessConsole) throws(ShimFailure) -> DrivenProcess
  func signal(_ number: Int32, all: Bool) throws(ShimFailure)
  func pause() throws(ShimFailure)
  func resume() throws(ShimFailure)
  /// How many processes of the container the kernel has killed for want of memory. Before `delete`.
  func outOfMemoryKills() -> UInt64
  /// What becomes readable when that happens; nil where it cannot be heard of.
  func outOfMemoryNotice() throws(SyscallError) -> OutOfMemoryNotice?
  /// Why a container that has ended with this code did not become its command, or what in the command's file troubled it;
  /// nil where nothing is known. Before `delete`.
  func lastWord(code: Int32) -> String?
  /// The most memory that the container has had, and what it may have, in bytes; nil where that is not known. Before `delete`.
  func memoryPeak() -> (peak: UInt64, limit: UInt64?)?
  /// Takes away what is left of a container that has ended, or was never started; again does nothing.
  func delete()
}
