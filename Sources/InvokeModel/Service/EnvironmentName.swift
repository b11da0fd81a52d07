/// An input's name as a program finds it in its environment after `INVOKE_INPUT_`: upper case, every character but
/// letters and digits an underscore.
package func environmentName(_ name: String) -> String {
    let bytes = name.utf8.map { byte -> UInt8 in
        switch byte {
        case 0x30...0x39, 0x41...0x5A: byte
        case 0x61...0x7A: byte - 0x20
        default: UInt8(ascii: "_")
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
