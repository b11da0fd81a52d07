/// An entry of the allow-list that can't be read.
package struct AllowListFault: Error, Hashable, CustomStringConvertible {
    package let entry: String

    package var description: String {
        "outbound.allow: \"\(entry)\" is neither a network (127.0.0.0/8), an address, nor a host name (hooks.lan)."
    }
}
