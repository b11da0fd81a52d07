/// One machine's system call numbers, as far as the filter needs them.
struct MachineCalls {
    /// How the kernel's audit names the machine.
    let audit: UInt32
    /// Numbers from here on belong to another calling convention of the same machine.
    let foreignFrom: UInt32?
    let clone: UInt32
    let socket: UInt32
    let personality: UInt32
    let ioctl: UInt32
    let clone3: UInt32 = 435
    /// What is refused whatever its arguments are.
    let refused: [UInt32]

    /// Calls since Linux 5 have one number on all machines.
    static let refusedEverywhere: [UInt32] = [
        425, 426, 427,  // io_uring_setup, io_uring_enter, io_uring_register
        428, 429, 430, 431, 432, 433,  // open_tree, move_mount, fsopen, fsconfig, fsmount, fspick
        438, 440, 442, 443, 467,  // pidfd_getfd, process_madvise, mount_setattr, quotactl_fd, open_tree_attr
    ]

    static let x86 = MachineCalls(
        audit: 0xC000_003E,
        foreignFrom: 0x4000_0000,
        clone: 56,
        socket: 41,
        personality: 135,
        ioctl: 16,
        refused: [
            155, 161, 165, 166,  // pivot_root, chroot, mount, umount2
            101, 310, 311, 312,  // ptrace, process_vm_readv, process_vm_writev, kcmp
            321, 298, 323, 300,  // bpf, perf_event_open, userfaultfd, fanotify_init
            248, 249, 250,  // add_key, request_key, keyctl
            246, 320, 174, 175, 176, 177, 178, 313,  // kexec and kernel modules
            272, 308,  // unshare, setns
            303, 304,  // name_to_handle_at, open_by_handle_at
            103, 163, 167, 168, 169, 179,  // syslog, acct, swapon, swapoff, reboot, quotactl
            154, 172, 173,  // modify_ldt, iopl, ioperm
        ]
    )

    static let arm = MachineCalls(
        audit: 0xC000_00B7,
        foreignFrom: nil,
        clone: 220,
        socket: 198,
        personality: 92,
        ioctl: 29,
        refused: [
            39, 40, 41, 51,  // umount2, mount, pivot_root, chroot
            117, 270, 271, 272,  // ptrace, process_vm_readv, process_vm_writev, kcmp
            280, 241, 282, 262,  // bpf, perf_event_open, userfaultfd, fanotify_init
            217, 218, 219,  // add_key, request_key, keyctl
            104, 294, 105, 106, 273,  // kexec and kernel modules
            97, 268,  // unshare, setns
            264, 265,  // name_to_handle_at, open_by_handle_at
            116, 89, 224, 225, 142, 60,  // syslog, acct, swapon, swapoff, reboot, quotactl
        ]
    )
}
