/// The registrations that epoll reports of, each under a number that is never used again.
struct RegistrationTable {
  private struct Place {
    /// How many have stood here.
    var turn: UInt32 = 0
    var registration: Registration?
  }

  private var places: [Place] = []
  private var free: [Int] = []

  /// The number: the place, and above it the place's turn, from 1 on; so no number is 0.
  mutating func add(_ registration: Registration) -> UInt64 {
    let index = free.popLast() ?? places.count
    if index == places.count { places.append(Place()) }
    places[index].turn &+= 1
    places[index].registration = registration
    return UInt64(places[index].turn) << 32 | UInt64(index)
  }

  /// Nil for one that was taken out.
  subscript(number: UInt64) -> Registration? { index(of: number).flatMap { places[$0].registration } }

  /// Taking out what is not there does nothing.
  mutating func remove(_ number: UInt64) {
    guard let index = index(of: number), places[index].registration != nil else { return }
    places[index].registration = nil
    // A place whose turns are used up stays empty.
    if places[index].turn < .max { free.append(index) }
  }

  private func index(of number: UInt64) -> Int? {
    let index = Int(truncatingIfNeeded: number & 0xffff_ffff)
    return index < places.count && places[index].turn == number >> 32 ? index : nil
  }
}
