import Synchronization

/// Runs a body that blocks (files, fsync, waitpid) on a thread of its own kind, so that no task stands still for it.
///
/// At most 64 run at once, the rest wait in line: a body must not wait for another `blocking` body to start.
/// Cancelling the task does not interrupt the body.
public func blocking<T: Sendable, E: Error>(_ body: @escaping @Sendable () throws(E) -> T) async throws(E)
  -> T
{
  let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<T, E>, Never>) in
    BlockingPool.shared.submit {
      let result: Result<T, E>
      do throws(E) { result = .success(try body()) } catch { result = .failure(error) }
      continuation.resume(returning: result)
    }
  }
  return try result.get()
}

/// Threads that are started when work waits and none is free, and then kept.
final class BlockingPool: Sendable {
  typealias Job = @Sendable () -> Void

  static let shared = BlockingPool(limit: 64)

  private struct State {
    var threads = 0
    var idle: [Parking] = []
    var queue: [Job] = []
  }

  private let limit: Int
  private let state = Mutex(State())

  init(limit: Int) { self.limit = limit }

  func submit(_ job: @escaping Job) {
    enum Place { case queued, thread, parked(Parking) }
    let place = state.withLock { state -> Place in
      if let parking = state.idle.popLast() { return .parked(parking) }
      if state.threads < limit {
        state.threads += 1
        return .thread
      }
      state.queue.append(job)
      return .queued
    }
    switch place {
    case .queued: break
    case .parked(let parking): parking.wake(with: job)
    case .thread:
      // Handed over as to any idle thread: captured, the job would live as long as the thread.
      let parking = Parking()
      parking.wake(with: job)
      startThread(named: "blocking") { [self] in work(parking) }
    }
  }

  private func work(_ parking: Parking) {
    var next: Job? = parking.park()
    while true {
      // Dropped as soon as it is done: what it holds must not live on while this thread is idle.
      next?()
      next = nil
      next = state.withLock { state -> Job? in
        if !state.queue.isEmpty { return state.queue.removeFirst() }
        state.idle.append(parking)
        return nil
      }
      if next == nil { next = parking.park() }
    }
  }
}

/// Where one idle thread sleeps until it is handed a job.
private final class Parking: Sendable {
  private let job = Mutex<BlockingPool.Job?>(nil)
  private let semaphore = Semaphore()

  func wake(with job: @escaping BlockingPool.Job) {
    self.job.withLock { $0 = job }
    semaphore.post()
  }

  func park() -> BlockingPool.Job {
    while true {
      semaphore.wait()
      let job = job.withLock { job -> BlockingPool.Job? in
        defer { job = nil }
        return job
      }
      if let job { return job }
    }
  }
}
