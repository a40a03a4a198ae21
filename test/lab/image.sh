#!/bin/bash
# Makes the folder that a dockerd has after it imported the container image. Runs in namespaces of its own.
# From the environment: IMAGE_TAR, IMAGE_NAME, IMAGE_DATA (folder to make), IMAGE_STORAGE_DRIVER, IMAGE_LOG.
set -eu
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /tmp "$IMAGE_DATA"
dockerd --bridge none --iptables=false --exec-opt native.cgroupdriver=cgroupfs --exec-root /run/docker --data-root "$IMAGE_DATA" \
  --storage-driver "$IMAGE_STORAGE_DRIVER" --host unix:///run/docker.sock --group root >>"$IMAGE_LOG" 2>&1 &
daemon=$!
until [ -S /run/docker.sock ] && docker version >/dev/null 2>&1; do
  kill -0 "$daemon"
  sleep 0.1
done
docker import \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin' \
  --change 'ENV PGDATA=/var/lib/postgres/pgaf' \
  --change 'ENV PG_AUTOCTL_DEBUG=1' \
  --change 'USER docker' \
  --change 'WORKDIR /var/lib/postgres' \
  "$IMAGE_TAR" "$IMAGE_NAME"
kill "$daemon"
wait "$daemon" || true
