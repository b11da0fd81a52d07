import Foundation
import InvokeClient
import InvokeModel
import OrderedCollections

/// Agents that the user knows by name, with the user's secrets: `$XDG_CONFIG_HOME/invoke-agent/profiles.json`, mode 0600.
struct Profiles {
    /// An agent, and who the user is there.
    struct Profile {
        var url: String
        var username: String?
        var token: String?

        var credentials: AgentCredentials? { token.map { .token($0) } }
    }

    var profiles: OrderedDictionary<String, Profile> = [:]
    /// The one that is used unless another is named.
    var used: String?

    static var path: String {
        let environment = ProcessInfo.processInfo.environment
        let folder = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return (folder ?? "\(environment["HOME"] ?? ".")/.config") + "/invoke-agent/profiles.json"
    }

    static func read() throws -> Profiles {
        guard let bytes = FileManager.default.contents(atPath: path) else { return Profiles() }
        guard let json = try? JSON(parsing: bytes), let members = json["profiles"]?.object else {
            throw Failure(
                status: .failure,
                message: "\(path) is not a file of profiles.",
                advice: "move it away, and log in again: invoke-agent login"
            )
        }
        var profiles = Profiles(used: json["used"]?.string)
        for (name, profile) in members {
            profiles.profiles[name] = Profile(
                url: profile["url"]?.string ?? ConnectionOptions.defaultURL,
                username: profile["username"]?.string,
                token: profile["token"]?.string
            )
        }
        return profiles
    }

    /// The profile of a name; without one, the profile in use.
    func profile(_ name: String?) throws -> Profile? {
        guard let name else { return used.flatMap { profiles[$0] } }
        guard let profile = profiles[name] else {
            let advice = nearestName(to: name, among: profiles.keys).map { "did you mean \"\($0)\"?" }
            throw Failure(
                status: .notFound,
                message: "there is no profile \"\(name)\".",
                advice: advice ?? "see which there are: invoke-agent profile list"
            )
        }
        return profile
    }

    func write() throws {
        let members = profiles.mapValues { profile in
            let members: OrderedDictionary<String, String?> = [
                "url": profile.url, "username": profile.username, "token": profile.token,
            ]
            return JSON.object(members.compactMapValues { $0.map(JSON.string) })
        }
        var document: OrderedDictionary<String, JSON> = ["profiles": .object(members)]
        document["used"] = used.map(JSON.string)
        let folder = (Self.path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        // The new file has its mode before it has its name: nobody ever reads a secret in between.
        let new = "\(Self.path).new"
        try? FileManager.default.removeItem(atPath: new)
        guard
            FileManager.default.createFile(
                atPath: new,
                contents: Data(JSON.object(document).bytes()),
                attributes: [.posixPermissions: 0o600]
            ), rename(new, Self.path) == 0
        else { throw CocoaError(.fileWriteNoPermission, userInfo: [NSFilePathErrorKey: Self.path]) }
    }
}
