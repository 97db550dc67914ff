"""A throw-away Slurm cluster in one folder: a controller and a few nodes on this machine, on the loopback interface.

Needs slurmctld and slurmd of Debian's slurm-wlm (workflow/envs/slurm.sh), no root and no configuration in /etc.
"""

import getpass
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from workflow.processes import wait_for

PROGRAMS = ("slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "scancel", "setpriv")
NODES = ("n1", "n2")

# Jobs are not requeued by Slurm itself, and memory is watched by polling, which needs no cgroups. The GPUs are made up.
CONFIGURATION = """\
ClusterName=mini
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/none
CredType=cred/none
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
EnforcePartLimits=ALL
GresTypes=gpu
JobRequeue=0
KillWait=2
MinJobAge=300
ReturnToService=2
SlurmdTimeout=5
SchedulerParameters=batch_sched_delay=0,sched_interval=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldPidFile={folder}/run/slurmctld.pid
SlurmdPidFile={folder}/run/%n.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/%n.log
PlugStackConfig={folder}/plugstack.conf
"""
NODE = "NodeName={name} NodeHostname=localhost NodeAddr=127.0.0.1 Port={port} CPUs=2 RealMemory=6000 Gres=gpu:1\n"
GPU = "NodeName={name} Name=gpu File=/dev/null\n"
PARTITION = "PartitionName=main Nodes=ALL Default=YES MaxTime=600 State=UP\n"


def lacking() -> str | None:
    """Return why no cluster can be started here, or None."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    return f"Slurm is not installed ({', '.join(missing)}); 'make slurm' installs it" if missing else None


class MiniSlurm:
    """One cluster; `environment` is what its clients need."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.daemons: dict[str, subprocess.Popen] = {}
        self.configuration = folder / "slurm.conf"
        self._write()
        foreign = ("SLURM_", "SBATCH_", "SRUN_", "SQUEUE_", "SCANCEL_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**kept, "PATH": path, "SLURM_CONF": str(self.configuration)}

    def _write(self) -> None:
        for name in ("state", "log", "run", "bin", *(f"spool/{node}" for node in NODES)):
            (self.folder / name).mkdir(parents=True)
        ports = free_ports(1 + len(NODES))
        text = CONFIGURATION.format(folder=self.folder, port=ports[0], user=getpass.getuser())
        text += "".join(NODE.format(name=name, port=port) for name, port in zip(NODES, ports[1:], strict=True))
        self.configuration.write_text(text + PARTITION)
        (self.folder / "gres.conf").write_text("".join(GPU.format(name=name) for name in NODES))
        (self.folder / "plugstack.conf").touch()
        # The executor plugin strips SLURM_CONF before its inner srun, which would look for a cluster in /etc.
        shim = self.folder / "bin/srun"
        shim.write_text(f'#!/bin/sh\nSLURM_CONF="{self.configuration}" exec {shutil.which("srun")} "$@"\n')
        shim.chmod(0o755)

    def start(self) -> None:
        """Start all daemons and wait until every node is idle."""
        self._start("slurmctld", "slurmctld", "-D", "-f", str(self.configuration))
        for node in NODES:
            self.start_node(node)

    def start_node(self, node: str) -> None:
        """Start one node and wait until it is idle."""
        self._start(node, "slurmd", "-D", "-f", str(self.configuration), "-N", node)
        wait_for(lambda: self.state(node) == "idle", f"node {node} is idle")

    def _start(self, name: str, *command: str) -> None:
        """Start a daemon that ends with this process, however it ends, and that a shell in the background may stop."""
        words = ["setpriv", "--pdeathsig", "KILL", "env", "--default-signal=INT", *command]
        with open(self.folder / f"log/{name}.out", "ab") as said:
            self.daemons[name] = subprocess.Popen(words, env=self.environment, stdin=-3, stdout=said, stderr=said)

    def stop(self) -> None:
        """Cancel all jobs and stop all daemons."""
        self.run("scancel", "--user", getpass.getuser())
        wait_for(lambda: not self.jobs(), "all jobs have ended")
        for daemon in self.daemons.values():
            daemon.terminate()
        for daemon in self.daemons.values():
            daemon.wait(30)

    def switch_off(self, node: str) -> None:
        """Take one node down like a power failure: its daemon and all that runs on it die at once."""
        self.daemons[node].kill()
        self.daemons.pop(node).wait()
        for job in self.jobs("%i %N %T"):
            number, *place = job.split()
            if place[0] == node:
                self._kill_job(number)

    def _kill_job(self, number: str) -> None:
        for path in Path("/proc").glob("[0-9]*"):
            try:
                ours = f"SLURM_JOB_ID={number}\0".encode() in (path / "environ").read_bytes()
                ours = ours and str(self.folder).encode() in (path / "environ").read_bytes()
                if ours or (path / "cmdline").read_bytes().startswith(f"slurmstepd: [{number}.".encode()):
                    os.kill(int(path.name), signal.SIGKILL)
            except OSError:
                continue

    def state(self, node: str) -> str:
        """Return what the controller says of a node: "idle", "mixed", "down*", ..."""
        return self.run("sinfo", "--noheader", "--Node", "--nodes", node, "--format", "%T")

    def jobs(self, shown: str = "%i", states: str = "") -> list[str]:
        """Return one line for each job that is pending, running or ending, or in one of `states`."""
        chosen = ["--states", states] if states else []
        return self.run("squeue", "--noheader", "--format", shown, *chosen).splitlines()

    def submit(self, folder: Path, name: str) -> str:
        """Submit a job as a person in `folder` would, which waits until it is released; return its number."""
        words = ("--hold", "--chdir", str(folder), "--job-name", name, "--wrap", "sleep 600")
        return self.run("sbatch", "--parsable", *words)

    def run(self, *command: str) -> str:
        """Run a client and return what it said."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60)
        return done.stdout.strip()


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback interface that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
