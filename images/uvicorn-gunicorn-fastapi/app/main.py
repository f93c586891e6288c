import platform

from fastapi import FastAPI

app = FastAPI()
python = ".".join(platform.python_version_tuple()[:2])


@app.get("/")
async def hello():
    return {"message": f"Hello world! From FastAPI running on Uvicorn with Gunicorn. Using Python {python}"}
