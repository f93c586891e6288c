"""The backend: a number in, its multiplication table up to 10 out, as JSON."""

import uvicorn
from fastapi import FastAPI

app = FastAPI(title="Multiplication table")


@app.get("/table/{number}")
def table(number: int):
    return {
        "number": number,
        "table": [{"multiplier": times, "product": number * times} for times in range(1, 11)],
    }


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=8000)
