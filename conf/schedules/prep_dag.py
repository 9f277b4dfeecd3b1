"""Data preparation every night, from Airflow (2.4 or newer). Edit the paths, then copy this file to
the folder of DAGs.

prep adds only the documents that are new. Exit status: 0 done; 2 you have to mend something (the
last line of the task's log says what), so the task fails without another try; anything else is tried
again, three times, ten minutes apart.
"""

import subprocess
from datetime import datetime, timedelta

from airflow.decorators import dag, task
from airflow.exceptions import AirflowException, AirflowFailException

COMMAND = [
    "/opt/uio-on-spark/submit.sh",
    "prep",
    "--input",
    "/data/books",
    "--output",
    "/data/prepared",
    "--tokenizer",
    "/data/llama/tokenizer.json",
]


# Two runs at once would be safe, but the second would work for nothing.
@dag(schedule="17 2 * * *", start_date=datetime(2026, 1, 1), catchup=False, max_active_runs=1)
def uio_prep():
    @task(retries=3, retry_delay=timedelta(minutes=10))
    def prep():
        # Output goes to the log of the task.
        with subprocess.Popen(
            COMMAND, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            for line in process.stdout:
                print(line, end="")
        if process.returncode == 2:
            raise AirflowFailException("prep: mend what the line above says; no other try")
        if process.returncode != 0:
            raise AirflowException(f"prep ended with status {process.returncode}")

    prep()


uio_prep()
