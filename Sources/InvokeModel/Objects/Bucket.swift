package import Foundation

/// A container of objects, as S3 means it.
package struct Bucket: Sendable, Hashable {
    /// The row's number: names the bucket inside the agent only.
    package let id: Int64
    package let name: String
    package let access: BucketAccess
    /// nil for a bucket of the agent itself, which its admins and its own access key make.
    package let owner: Owner?
    /// The service that it was made for.
    package let service: String?
    package let createdAt: Date

    package struct Owner: Sendable, Hashable {
        package let account: Int64
        package let username: String

        package init(account: Int64, username: String) {
            self.account = account
            self.username = username
        }
    }

    package init(id: Int64, name: String, access: BucketAccess, owner: Owner?, service: String?, createdAt: Date) {
        self.id = id
        self.name = name
        self.access = access
        self.owner = owner
        self.service = service
        self.createdAt = createdAt
    }

    /// Whether an account may change and remove it.
    package func isOwned(by account: Account) -> Bool { account.isAdmin || owner?.account == account.id }

    /// Whether an account may see what is in it.
    package func isVisible(to account: Account) -> Bool {
        if isOwned(by: account) { return true }
        return switch access.visibility {
        case .private: false
        case .restricted: access.allowedUsers.contains(account.username)
        case .public: true
        }
    }

    /// Whether S3 takes a name for a bucket: 3 to 63 small letters, digits, full stops and hyphens.
    package static func isValid(name: String) -> Bool {
        let bytes = Array(name.utf8)
        let isEdge: (UInt8) -> Bool = { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
        guard (3...63).contains(bytes.count), bytes.allSatisfy({ isEdge($0) || $0 == 0x2D || $0 == 0x2E }),
            let first = bytes.first, let last = bytes.last, isEdge(first), isEdge(last), !name.contains("..")
        else { return false }
        // What looks like an address could not be told from one in a host name.
        let parts = name.split(separator: ".")
        return parts.count != 4 || !parts.allSatisfy { UInt8($0) != nil }
    }
}

/// Who may use a bucket beside its owner.
package struct BucketAccess: Sendable, Hashable {
    package enum Visibility: String, Sendable, CaseIterable {
        case `private`, restricted, `public`
    }

    package var visibility: Visibility
    /// Those whom a restricted bucket is open to, by their user names.
    package var allowedUsers: [String]

    package init(visibility: Visibility = .private, allowedUsers: [String] = []) {
        self.visibility = visibility
        self.allowedUsers = allowedUsers
    }
}
