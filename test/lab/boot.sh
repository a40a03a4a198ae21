#!/bin/bash
# The first process of a virtual machine. Runs in namespaces of its own (mount, uts, pid, ipc; the network one is entered before).
# From the environment: VM_NAME, VM_DISK (folder), VM_ETC (files that go over a copy of /etc), VM_REPOSITORY, VM_IMAGE (seed of
# /var/lib/docker), VM_STORAGE_DRIVER, VM_CGROUP.
set -eu
mount --make-rprivate /

# The layers of the image are the same files for every machine: its disk holds only what differs.
for layer in "$VM_IMAGE"/overlay2/*/diff; do
  [ -d "$layer" ] || continue
  target="$VM_DISK/docker/${layer#"$VM_IMAGE"/}"
  mount --bind "$layer" "$target"
  mount -o remount,bind,ro "$target"
done

mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/machine/repository /run/machine/disk /run/sshd /run/lock
mount --bind "$VM_REPOSITORY" /run/machine/repository
mount --rbind "$VM_DISK" /run/machine/disk

cp -a /etc /run/machine/etc
rm -rf /run/machine/etc/docker /run/machine/etc/ssh/ssh_host_* /run/machine/etc/ssh/sshd_config.d /run/machine/etc/resolv.conf
cp -r "$VM_ETC/." /run/machine/etc/
chmod 640 /run/machine/etc/shadow /run/machine/etc/gshadow
chmod 600 /run/machine/etc/ssh/*_key
mount --bind /run/machine/etc /etc

mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=755 tmpfs /home
mount -t tmpfs -o mode=755 tmpfs /var/log
touch /var/log/lastlog /var/log/wtmp /var/log/btmp
mount --bind /run/machine/disk/root /root
mount --bind /run/machine/disk/opt /opt
mkdir -p /var/lib/docker
mount --rbind /run/machine/disk/docker /var/lib/docker

# The project stays visible at its own path, so that the console can run on the machine too.
if [ ! -e "$VM_REPOSITORY/package.json" ]; then
  mkdir -p "$VM_REPOSITORY"
  mount --bind /run/machine/repository "$VM_REPOSITORY"
fi

for user in oncall nodocker operator; do
  mkdir -p "/home/$user/.ssh"
  cp /root/.ssh/authorized_keys "/home/$user/.ssh/"
  chown -R "$user" "/home/$user"
  chmod -R go= "/home/$user"
done

hostname "$VM_NAME"
cd /
/usr/sbin/sshd -D -e 2>>"/run/machine/disk/sshd.log" &
dockerd --cgroup-parent "$VM_CGROUP" --exec-opt native.cgroupdriver=cgroupfs --exec-root /run/docker --data-root /var/lib/docker \
  --storage-driver "$VM_STORAGE_DRIVER" --host unix:///run/docker.sock --log-level warn >>"/run/machine/disk/dockerd.log" 2>&1 &

# The first process adopts every orphan and has to bury it; bash does so while it waits.
while true; do
  sleep 3600 &
  wait -n || true
done
