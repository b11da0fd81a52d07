/// What attempts in containers are run with.
package struct ContainerSettings: Sendable {
    /// The unix socket at which the engine serves Docker's API: `/run/podman/podman.sock`, `/var/run/docker.sock`.
    package var socket: String
    /// Where the attempts' folders lie, absolute and as the engine sees it too: parts of them are mounted into containers.
    package var folder: String
    /// Tells this agent's containers from others' on the same engine: letters, digits and hyphens.
    package var agent: String
    /// The image of operations that name none; nil when each has to.
    package var image: String?
    /// The folder of the images that lie as files on this machine, absolute; nil for none.
    package var images: String?
    /// Whether an image that the engine does not have is pulled from its registry.
    package var pulls = false
    /// The engine's network that an operation which uses the network is joined to.
    package var network = "bridge"
    /// Whether a small init, which the engine brings, is the container's first process: without it signals don't end
    /// programs that have not asked for them.
    package var usesInit = true
    package var limits = ExecutionLimits()
    /// How long a program may take to end after the polite signal; the engine counts in whole seconds.
    package var killGrace = Duration.seconds(5)

    package init(socket: String, folder: String, agent: String) {
        self.socket = socket
        self.folder = folder
        self.agent = agent
    }
}
