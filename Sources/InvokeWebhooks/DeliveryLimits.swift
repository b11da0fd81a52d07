/// How long and how many at once (reliability promises W5, W6, W8, W9; limits of section 1).
package struct DeliveryLimits: Sendable {
    package var connect = Duration.seconds(5)
    /// One whole attempt: look-up, connection, request and answer.
    package var attempt = Duration.seconds(15)
    package var atOnce = 64
    /// As many of these may go to receivers that fail, however many those are.
    package var atOnceToFailing = 32
    package var atOncePerReceiver = 4
    /// As long as a receiver fails, so that dead ones leave the places to others.
    package var atOncePerFailingReceiver = 1
    /// The least time between two requests of what is sent again to one receiver.
    package var interval = Duration.milliseconds(100)
    package var schedule = RetrySchedule.standard
    /// How often the outbox is looked at without any news.
    package var step = Duration.seconds(1)
    /// The least time between two looks: with a long queue, each one costs milliseconds.
    package var pause = Duration.milliseconds(20)
    /// How long a shutdown waits for the attempts that are under way; the abandoned ones are sent again at the next
    /// start.
    package var grace = Duration.seconds(5)

    package init() {}
}
